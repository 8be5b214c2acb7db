//! The command line's grammar.

use clap::{Parser, Subcommand};
use clap_complete::Shell;
use std::path::PathBuf;

/// HTTPS for other people's domains, and a straight answer when it does not work.
#[derive(Debug, Parser)]
#[command(name = "padlock", version, propagate_version = true)]
pub struct Args {
    /// Configuration file (TOML).
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Database; outranks file and environment.
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Print JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run this node: Console, worker, DNS and edge, as PADLOCK_ROLES says.
    Serve,
    /// Bring the database's schema up to date.
    Migrate,
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Manage people.
    #[command(subcommand)]
    User(UserCommand),
    /// Manage API tokens.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Manage customers.
    #[command(subcommand)]
    Customer(CustomerCommand),
    /// Manage customers' agencies.
    #[command(subcommand)]
    Agency(AgencyCommand),
    /// Read who did what, and check that nobody changed it later.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Manage web domains.
    #[command(subcommand)]
    Domain(DomainCommand),
    /// Look at the nodes that run on this database.
    #[command(subcommand)]
    Node(NodeCommand),
    /// Manage the keys that keep secrets in the database.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Say why a domain is not Active; exits 3 or 4 while it is not.
    Diagnose {
        /// The domain's name.
        name: String,
    },
    /// Print what makes a shell complete these commands.
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// Print the manual page, of all commands or of one; read it by piping it to man -l -.
    Man {
        /// The command, such as: domain add.
        #[arg(value_name = "COMMAND")]
        of: Vec<String>,
    },
    /// Copy the SQLite database to a new file while the node runs; the master key is not in it.
    Backup {
        /// The new file; nothing is overwritten.
        file: PathBuf,
    },
}

/// `padlock config …`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say what is wrong, naming the key.
    Check,
    /// Print every key's value; secrets are hidden.
    Show {
        /// Also print where each value came from.
        #[arg(long)]
        origin: bool,
    },
}

/// `padlock keys …`
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum KeysCommand {
    /// Wrap everything with PADLOCK_MASTER_KEY_FILE that one of PADLOCK_MASTER_KEY_OTHER_FILES has wrapped; nodes may run.
    Rotate,
}

/// `padlock user …`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a person who signs in by password.
    Add {
        /// Their address.
        #[arg(long)]
        email: String,
        /// operator, support, manager or viewer.
        #[arg(long)]
        role: String,
        /// Customer, by id or name, that a manager or viewer belongs to.
        #[arg(long)]
        customer: Option<String>,
        /// File that holds the password; - for standard input.
        #[arg(long, value_name = "FILE")]
        password_file: PathBuf,
    },
    /// Mail somebody a link that works once, with which they set a password.
    Invite {
        /// Their address.
        #[arg(long)]
        email: String,
        /// operator, support, manager or viewer.
        #[arg(long)]
        role: String,
        /// Customer, by id or name, that a manager or viewer belongs to.
        #[arg(long, default_value = "")]
        customer: String,
    },
    /// List everybody with their roles, a line for each customer that they belong to.
    List,
    /// Give a person a role, in place of the one that they had there.
    Grant {
        /// Their address.
        #[arg(long)]
        email: String,
        /// operator, support, manager or viewer.
        #[arg(long)]
        role: String,
        /// Customer, by id or name, that a manager or viewer belongs to.
        #[arg(long)]
        customer: Option<String>,
    },
    /// Keep a person out of every customer: their sessions end, and tokens that they made are refused. Links without
    /// sign-in that they made stay: they are the domain's own.
    Disable {
        /// Their address.
        #[arg(long)]
        email: String,
    },
    /// Let a disabled person sign in again, with the roles that they had; their tokens work again.
    Enable {
        /// Their address.
        #[arg(long)]
        email: String,
    },
    /// Take a person's access away; without a customer, their access to all of them as operator or support.
    Remove {
        /// Their address.
        #[arg(long)]
        email: String,
        /// Customer, by id or name.
        #[arg(long)]
        customer: Option<String>,
    },
}

/// `padlock node …`
#[derive(Debug, Subcommand)]
pub enum NodeCommand {
    /// List those that are alive, with their roles and edges.
    List,
}

/// `padlock token …`
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make an API token and print it, this once, on standard output.
    Create {
        /// What people call it.
        #[arg(long)]
        name: String,
        /// operator, support, manager or viewer.
        #[arg(long)]
        role: String,
        /// Customer, by id or name, that a manager or viewer token belongs to.
        #[arg(long)]
        customer: Option<String>,
        /// Days until it stops working; never when left out.
        #[arg(long, value_name = "DAYS")]
        expires_in: Option<u32>,
        /// It may only read, whatever the role.
        #[arg(long)]
        read_only: bool,
    },
    /// List the tokens that were not revoked, the newest first; their secrets are kept nowhere.
    List,
    /// Revoke a token: nobody is let in by it any more.
    Revoke {
        /// Its id, as in the list.
        id: String,
    },
}

/// `padlock customer …`
#[derive(Debug, Subcommand)]
pub enum CustomerCommand {
    /// Add a customer.
    Add {
        /// Its name.
        name: String,
    },
    /// List the customers.
    List,
}

/// `padlock agency …`
#[derive(Debug, Subcommand)]
pub enum AgencyCommand {
    /// Add an agency.
    Add {
        /// Its name.
        name: String,
        /// Customer, by id or name, that it belongs to.
        #[arg(long)]
        customer: Option<String>,
    },
    /// List the agencies with their customers.
    List,
}

/// `padlock audit …`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// List acts of people and tokens, newest first.
    List {
        /// Who, as the log names them.
        #[arg(long, default_value = "")]
        actor: String,
        /// What, such as domain.added.
        #[arg(long, default_value = "")]
        act: String,
        /// About which web domain.
        #[arg(long, default_value = "")]
        domain: String,
        /// Entries on a page, at most 200.
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// Where to start: the page before's next_cursor.
        #[arg(long, default_value = "")]
        cursor: String,
    },
    /// Walk the whole log and name the first entry that was changed or is missing; exits 1 then.
    Verify,
}

/// `padlock domain …`
#[derive(Debug, Subcommand)]
pub enum DomainCommand {
    /// Add a web domain and print its records.
    Add {
        /// The name, such as portal.court.gov or *.agency.gov.
        domain: String,
        /// Customer, by id or name.
        #[arg(long)]
        customer: Option<String>,
        /// Default Agency, by id or name.
        #[arg(long)]
        agency: Option<String>,
        /// What people call it.
        #[arg(long)]
        name: Option<String>,
        /// Which service it routes to.
        #[arg(long)]
        alias: Option<String>,
        /// How ownership is proven: txt, http or email; txt when left out.
        #[arg(long, value_name = "METHOD")]
        verification_method: Option<String>,
        /// How the certificate authority validates: dns or http; dns when left out.
        #[arg(long, value_name = "METHOD")]
        ssl_validation: Option<String>,
    },
    /// Add the web domains of a table; what is there already is left alone.
    Import {
        /// CSV with columns domain, name, customer, agency, alias and wildcard; - for standard input.
        file: PathBuf,
        /// Customer of rows that name none, by id or name.
        #[arg(long)]
        customer: Option<String>,
        /// Only say what would come of it.
        #[arg(long)]
        dry_run: bool,
    },
    /// List web domains.
    List {
        /// Part of a name.
        #[arg(long, default_value = "")]
        q: String,
        /// Customer, by id or name.
        #[arg(long, default_value = "")]
        customer: String,
        /// Domain Status, such as active or verification_pending.
        #[arg(long, default_value = "")]
        status: String,
        /// SSL Status, such as active or renewal_failing.
        #[arg(long, default_value = "")]
        ssl_status: String,
        /// The cause's code, such as rec_missing.
        #[arg(long, default_value = "")]
        code: String,
    },
    /// Show a web domain with its records.
    Show {
        /// Name or id.
        domain: String,
    },
    /// Print its DNS records, for people or for the tool that publishes them.
    Records {
        /// Name or id.
        domain: String,
        /// csv, zone, json, terraform, powershell, route53, azure or cloudflare.
        #[arg(long)]
        format: Option<String>,
    },
    /// Look at its DNS again, at once.
    Refresh {
        /// Name or id.
        domain: String,
    },
    /// Renew its certificate now.
    Renew {
        /// Name or id.
        domain: String,
    },
    /// Remove it.
    Remove {
        /// Name or id.
        domain: String,
    },
}
