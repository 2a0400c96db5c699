//! A simulator on a port of its own, and a client that shows bytes as they came, also from connections that broke off.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use simulator::Config;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Longest that anything here may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running simulator; it stops when dropped.
pub struct Sim {
    pub address: SocketAddr,
    _server: JoinSet<()>,
}

/// A reply, complete or not.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
    /// The body as it came, for those that are no text.
    pub bytes: Vec<u8>,
    /// The body came to its proper end.
    pub complete: bool,
}

impl Reply {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The data of each server-sent event that is JSON.
    pub fn events(&self) -> Vec<Value> {
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data: "));
        data.filter_map(|data| serde_json::from_str(data).ok()).collect()
    }

    /// One header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

impl Sim {
    /// A simulator whose answers have the same ids and times at every run.
    pub async fn start() -> Self {
        Self::with(Config { frozen_at: Some(1_735_689_600), ..Config::default() }).await
    }

    pub async fn with(config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut server = JoinSet::new();
        server.spawn(async move { simulator::serve(listener, config, std::future::pending()).await.unwrap() });
        Self { address, _server: server }
    }

    /// A connection with the request on it.
    pub async fn connect(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> TcpStream {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: sim\r\nconnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        stream
    }

    /// The reply, or `None` if the connection was closed before one.
    pub async fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Reply> {
        let mut stream = self.connect(method, path, headers, body).await;
        let mut bytes = Vec::new();
        // A reset says the same as an early end.
        let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.unwrap();
        parse(&bytes)
    }

    pub async fn openai(&self, headers: &[(&str, &str)], body: Value) -> Reply {
        let headers = [headers, &[("content-type", "application/json")]].concat();
        self.request("POST", "/openai/v1/chat/completions", &headers, body.to_string().as_bytes()).await.unwrap()
    }

    pub async fn responses(&self, headers: &[(&str, &str)], body: Value) -> Reply {
        let headers = [headers, &[("content-type", "application/json")]].concat();
        self.request("POST", "/openai/v1/responses", &headers, body.to_string().as_bytes()).await.unwrap()
    }

    pub async fn anthropic(&self, headers: &[(&str, &str)], body: Value) -> Reply {
        let headers = [headers, &[("anthropic-version", "2023-06-01")]].concat();
        self.request("POST", "/anthropic/v1/messages", &headers, body.to_string().as_bytes()).await.unwrap()
    }

    /// Calls a method of a model through the Gemini API: `sim-echo:generateContent`.
    pub async fn gemini(&self, call: &str, body: Value) -> Reply {
        let path = format!("/gemini/v1beta/models/{call}");
        self.request("POST", &path, &[], body.to_string().as_bytes()).await.unwrap()
    }

    /// The same through Vertex AI, in a project.
    pub async fn vertex(&self, call: &str, body: Value) -> Reply {
        let path = format!("/vertex/v1/projects/p/locations/global/publishers/google/models/{call}");
        self.request("POST", &path, &[], body.to_string().as_bytes()).await.unwrap()
    }

    /// The log, once its last entry has ended.
    pub async fn log(&self) -> Vec<Value> {
        let settled = async {
            loop {
                let reply = self.request("GET", "/control/log", &[], b"").await.unwrap().json();
                let requests = reply["requests"].as_array().unwrap().clone();
                if requests.last().is_some_and(|last| last["state"] != "running") {
                    return requests;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, settled).await.unwrap()
    }
}

/// A request that says `text`.
pub fn say(model: &str, text: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": text}], "max_tokens": 5000})
}

/// `body` with more fields, or other values.
pub fn with(mut body: Value, fields: Value) -> Value {
    for (key, value) in fields.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

fn parse(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, rest) = (String::from_utf8_lossy(&bytes[..end]).into_owned(), &bytes[end + 4..]);
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let lowercase = head.to_ascii_lowercase();
    let (bytes, complete) = if lowercase.contains("transfer-encoding: chunked") {
        unchunk(rest)
    } else {
        let length = lowercase.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
        (rest.to_vec(), length.is_none_or(|length: usize| length == rest.len()))
    };
    Some(Reply { status, head, body: String::from_utf8_lossy(&bytes).into_owned(), bytes, complete })
}

fn unchunk(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let (Some(size), chunk) = (size, &rest[end + 2..]) else { break };
        if size == 0 {
            return (body, true);
        }
        if chunk.len() < size + 2 {
            break;
        }
        body.extend_from_slice(&chunk[..size]);
        rest = &chunk[size + 2..];
    }
    (body, false)
}
