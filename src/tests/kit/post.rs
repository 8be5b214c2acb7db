//! A mail server that takes every mail and keeps it as it came: enough of SMTP (RFC 5321) for what the product sends.

use padlock::mail::Mailer;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// A mail server of one test.
pub(crate) struct Post {
    address: SocketAddr,
    mails: Arc<Mutex<Vec<String>>>,
    listens: AbortHandle,
}

impl Post {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, mails) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<String>>>::default());
        let kept = Arc::clone(&mails);
        let listening = async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&kept)));
            }
        };
        Self { address, mails, listens: tokio::spawn(listening).abort_handle() }
    }

    /// The way to it.
    pub(crate) fn mailer(&self) -> Mailer {
        Mailer::new(&format!("smtp://{}", self.address), "Padlock <padlock@platform.test>").unwrap()
    }

    /// Mails so far.
    pub(crate) fn count(&self) -> usize {
        self.mails.lock().unwrap().len()
    }

    /// Every mail so far, oldest first.
    pub(crate) fn all(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }

    /// The newest mail.
    pub(crate) async fn newest(&self) -> String {
        for _ in 0..1_000 {
            if let Some(mail) = self.mails.lock().unwrap().last() {
                return mail.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no mail came");
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.listens.abort();
    }
}

async fn serve(stream: TcpStream, mails: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 post.test ESMTP\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    mail.push_str(line.strip_prefix('.').unwrap_or(&line));
                    mail.push_str("\r\n");
                }
                mails.lock().unwrap().push(mail);
                "250 taken"
            }
            "EHLO" => "250 post.test",
            _ => "250 fine",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
