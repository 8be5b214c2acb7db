//! The records as an administrator's own tool wants them: files to import, and commands to run.
//!
//! Every name and value is quoted by the rules of the tool that reads it, whatever characters it holds: ours are tame, but
//! a zone's name is a stranger's word, and nobody should have to read a command before daring to paste it.

mod commands;
mod quote;
mod terraform;
mod windows;
mod zone_file;

#[cfg(test)]
mod laws;

use super::record::RecordType;

/// Time to live that is suggested while records are new, in seconds: an error is soon forgotten.
pub const TTL_S: u32 = 300;

/// What a recipe is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The web domain.
    pub domain: String,
    /// The zone that the records lie in, without trailing dot.
    pub zone: String,
    /// Who hosts the zone, by the name in [`super::provider`], where it is known.
    pub provider: Option<String>,
    /// The records to publish.
    pub lines: Vec<Line>,
}

impl Sheet {
    /// One whose zone nobody knows yet: fit for a zone file only, which holds complete names.
    #[must_use]
    pub fn without_zone(domain: &str, lines: Vec<Line>) -> Self {
        Self { domain: domain.to_owned(), zone: String::new(), provider: None, lines }
    }
}

/// One record to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its type.
    pub rtype: RecordType,
    /// Its full name, without trailing dot.
    pub host: String,
    /// Its name relative to the zone, `@` for the zone itself.
    pub relative: String,
    /// Text for TXT, a name without trailing dot for CNAME.
    pub value: String,
}

macro_rules! tools {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $label:literal, $ending:literal;)*) => {
        /// A tool that records can be written for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Tool { $($(#[$doc])* $variant,)* }

        impl Tool {
            /// Every tool, in the order in which they are offered.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word in the REST API.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The words that people read.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }

            /// How a file of it is named at the end.
            #[must_use]
            pub const fn ending(self) -> &'static str {
                match self { $(Self::$variant => $ending,)* }
            }

            /// Reads a word of [`Self::word`].
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|tool| tool.word() == word)
            }
        }
    };
}

tools! {
    /// RFC 1035's file, which most name servers and providers read.
    Zone = "zone", "Zone file", "zone";
    /// A Terraform module.
    Terraform = "terraform", "Terraform", "tf";
    /// PowerShell's DnsServer module.
    PowerShell = "powershell", "Windows DNS (PowerShell)", "ps1";
    /// Amazon's command line.
    Route53 = "route53", "Route 53 (aws)", "sh";
    /// Microsoft's command line.
    Azure = "azure", "Azure DNS (az)", "sh";
    /// Cloudflare's API by curl.
    Cloudflare = "cloudflare", "Cloudflare (curl)", "sh";
}

impl Tool {
    /// What to know before using it, in one sentence.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Zone => "Import it at your DNS provider, or add its lines to the zone's file and raise the serial.",
            Self::Terraform => "Put it beside your other modules. It creates the records once, and keeps them.",
            Self::PowerShell => {
                "Run it on the DNS server, or on a machine with the DNS Server tools, as an administrator."
            }
            Self::Route53 => "Set ZONE_ID to your hosted zone's id. Running it again changes nothing more.",
            Self::Azure => "Set RESOURCE_GROUP to the resource group that holds the zone.",
            Self::Cloudflare => "Set ZONE_ID and an API token that may edit the zone's DNS.",
        }
    }

    /// The text to import or to run.
    #[must_use]
    pub fn write(self, sheet: &Sheet) -> String {
        match self {
            Self::Zone => zone_file::write(sheet),
            Self::Terraform => terraform::write(sheet),
            Self::PowerShell => windows::write(sheet),
            Self::Route53 => commands::route53(sheet),
            Self::Azure => commands::azure(sheet),
            Self::Cloudflare => commands::cloudflare(sheet),
        }
    }
}

/// The name of a file for a domain, without its ending: letters, digits, dots and hyphens only.
#[must_use]
pub fn file_stem(domain: &str) -> String {
    let tame = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    format!("{}-dns-records", domain.replace('*', "wildcard").chars().map(tame).collect::<String>())
}
