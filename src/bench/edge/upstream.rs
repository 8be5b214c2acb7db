//! The upstream behind every proxy: one thread that answers each request head with the same small page.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::fill::Trouble;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 100\r\n\r\n\
    ----------------------------------------------------------------------------------------------------";
/// Of a request's head, as proxies send it.
const HEAD_BYTES: usize = 4_096;

/// Runs for the life of the process.
pub(crate) fn start() -> Result<SocketAddr, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answers(stream));
            }
        });
    });
    Ok(address)
}

async fn answers(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut head, mut filled) = ([0; HEAD_BYTES], 0);
    loop {
        match stream.read(&mut head[filled..]).await? {
            0 => return Ok(()),
            more => filled += more,
        }
        if head[..filled].ends_with(b"\r\n\r\n") {
            stream.write_all(ANSWER).await?;
            filled = 0;
        }
    }
}
