//! How each server is started, set up as its operators do it.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use super::names::{Names, host};
use super::process::{Server, free_port};
use crate::fill::Trouble;

/// Its workers hold a TLS context for each server block: at 100,000 that is more memory than most machines have.
const NGINX_BLOCKS: usize = 10_000;

/// What Padlock's own row is called.
pub(crate) const PADLOCK: &str = "Padlock";

/// `padlock serve` with the role `edge` on a filled database.
pub(crate) fn padlock(names: &Names, upstream: SocketAddr) -> Result<Option<Server>, Trouble> {
    let (http, https) = (free_port()?, free_port()?);
    let mut command = Command::new(env!("CARGO_BIN_EXE_padlock"));
    command.arg("serve").env_clear().envs([
        ("PADLOCK_DATABASE_URL", format!("sqlite://{}", names.database().display())),
        ("PADLOCK_MASTER_KEY_FILE", names.master_key().display().to_string()),
        ("PADLOCK_ROLES", "edge".to_owned()),
        ("PADLOCK_EDGE_HTTP_ADDR", format!("127.0.0.1:{http}")),
        ("PADLOCK_EDGE_HTTPS_ADDR", format!("127.0.0.1:{https}")),
        ("PADLOCK_SERVICES", format!("portal=http://{upstream}")),
        ("PADLOCK_DCV_ZONE", "dcv.padlock.test".to_owned()),
        ("PADLOCK_EDGE_HOSTNAME", "edge.padlock.test".to_owned()),
        ("PADLOCK_LOG", "warn".to_owned()),
    ]);
    Server::start(PADLOCK, true, https, &mut command)
}

/// A bare rustls loop over the PEM files.
pub(crate) fn floor(names: &Names, _: SocketAddr) -> Result<Option<Server>, Trouble> {
    let port = free_port()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("edge-floor").arg(names.pem()).arg(port.to_string());
    Server::start("bare rustls (floor)", false, port, &mut command)
}

/// HAProxy over a folder of PEM files.
pub(crate) fn haproxy(names: &Names, upstream: SocketAddr) -> Result<Option<Server>, Trouble> {
    let (port, pem, file) = (free_port()?, names.pem(), names.folder.join("haproxy.cfg"));
    let text = format!(
        "global\n  nbthread 2\n  maxconn 1000\n\
         defaults\n  mode http\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n\
         frontend visitors\n  bind 127.0.0.1:{port} ssl crt {pem} alpn h2,http/1.1 strict-sni\n  \
         option forwardfor\n  http-request set-header X-Forwarded-Proto https\n  default_backend service\n\
         backend service\n  server one {upstream}\n",
        pem = pem.display()
    );
    fs::write(&file, text)?;
    Server::start("HAProxy", true, port, Command::new("/usr/sbin/haproxy").arg("-f").arg(file))
}

/// nginx with a server block for each name, as certbot writes it, and tuned by hand to keep its connections to the upstream.
pub(crate) fn nginx_by_block(names: &Names, upstream: SocketAddr) -> Result<Option<Server>, Trouble> {
    if names.len() > NGINX_BLOCKS {
        return Ok(None);
    }
    let (port, pem) = (free_port()?, names.pem());
    let mut blocks = "server_names_hash_max_size 262144;\nserver_names_hash_bucket_size 128;\n".to_owned();
    for number in 0..names.len() {
        let (host, pem) = (host(number), pem.display());
        writeln!(
            blocks,
            "server {{ listen 127.0.0.1:{port} ssl; server_name {host}; ssl_certificate {pem}/{host}; \
             ssl_certificate_key {pem}/{host}; location / {{ proxy_pass http://service; }} }}"
        )?;
    }
    let service = format!("server {upstream}; keepalive 64; keepalive_requests 1000000;");
    nginx("nginx, blocks, tuned", "blocks", port, names, &service, &blocks)
}

/// nginx with one server block that reads the files of `$ssl_server_name` in each handshake, and a new connection to the
/// upstream for each request, which is what it does unless it is told otherwise.
pub(crate) fn nginx_by_variable(names: &Names, upstream: SocketAddr) -> Result<Option<Server>, Trouble> {
    let (port, pem) = (free_port()?, names.pem());
    let block = format!(
        "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {pem}/$ssl_server_name; \
         ssl_certificate_key {pem}/$ssl_server_name; location / {{ proxy_pass http://service; }} }}",
        pem = pem.display()
    );
    nginx("nginx, variables", "variables", port, names, &format!("server {upstream};"), &block)
}

fn nginx(
    name: &'static str,
    kind: &str,
    port: u16,
    names: &Names,
    service: &str,
    servers: &str,
) -> Result<Option<Server>, Trouble> {
    let folder = names.folder.join(format!("nginx-{kind}"));
    fs::create_dir_all(&folder)?;
    // Visitors' connections are never closed for their number of requests; headers are what a proxy for strangers sets.
    let text = format!(
        "user root;\ndaemon off;\nworker_processes 2;\npid nginx.pid;\nerror_log stderr crit;\n\
         events {{ worker_connections 1024; }}\n\
         http {{\naccess_log off;\nkeepalive_requests 1000000;\nclient_body_temp_path body;\nproxy_temp_path proxy;\n\
         fastcgi_temp_path fastcgi;\nuwsgi_temp_path uwsgi;\nscgi_temp_path scgi;\n\
         ssl_protocols TLSv1.2 TLSv1.3;\nproxy_http_version 1.1;\nproxy_set_header Connection \"\";\n\
         proxy_set_header Host $host;\nproxy_set_header X-Forwarded-For $remote_addr;\n\
         proxy_set_header X-Forwarded-Proto https;\n\
         upstream service {{ {service} }}\n{servers}\n}}\n"
    );
    fs::write(folder.join("nginx.conf"), text)?;
    let mut command = Command::new("/usr/sbin/nginx");
    command.arg("-p").arg(&folder).args(["-c", "nginx.conf", "-e", "stderr"]).stderr(Stdio::null());
    Server::start(name, true, port, &mut command)
}
