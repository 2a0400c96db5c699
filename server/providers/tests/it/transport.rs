//! Calls over real sockets: limits, breaks, cancellation, and what errors must not tell.

use std::time::Duration;

use canon::{ErrorKind, Event, Request, Task, UpstreamError};
use futures::StreamExt as _;
use providers::auth::{Credential, Secret};
use providers::catalog::{Capabilities, Dialect};
use providers::dialect::Target;
use providers::quirks::Quirks;
use providers::transport::{Limits, Transport};
use providers::upstream::{Call, Events, Upstream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const HELLO: &str = "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\n";
const STOP: &str =
    "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

/// What the host does with a connection once the request is in.
enum Act {
    /// Writes this and closes.
    Say(String),
    /// Writes this and keeps silent until the other side goes, which it then tells.
    SayAndWait(String, oneshot::Sender<()>),
    /// Writes this again and again.
    Drip(String, String),
}

fn chunk(data: &str) -> String {
    format!("{:x}\r\n{data}\r\n", data.len())
}

/// A host for one connection; gives its base URL and, when done, the request it got.
#[expect(clippy::disallowed_methods, reason = "the host lives as long as its test")]
async fn host(act: Act) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let task = tokio::task::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let request = read_request(&mut socket).await;
        match act {
            Act::Say(answer) => socket.write_all(answer.as_bytes()).await.unwrap(),
            Act::SayAndWait(answer, gone) => {
                socket.write_all(answer.as_bytes()).await.unwrap();
                let mut rest = [0; 64];
                while socket.read(&mut rest).await.is_ok_and(|n| n > 0) {}
                let _ = gone.send(());
            }
            Act::Drip(head, piece) => {
                socket.write_all(head.as_bytes()).await.unwrap();
                let mut ticks = tokio::time::interval(Duration::from_millis(5));
                while socket.write_all(piece.as_bytes()).await.is_ok() {
                    ticks.tick().await;
                }
            }
        }
        request
    });
    (url, task)
}

async fn read_request(socket: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let n = socket.read(&mut buffer).await.unwrap();
        request.extend_from_slice(&buffer[..n]);
        if n == 0 || request.ends_with(b"}") {
            return String::from_utf8(request).unwrap();
        }
    }
}

fn patient() -> Limits {
    let long = Duration::from_secs(20);
    Limits { connect: long, first_byte: long, idle: long, total: long }
}

fn upstream() -> Upstream {
    Upstream::new(Transport::new(Duration::from_secs(5)).unwrap())
}

async fn open(url: &str, limits: Limits) -> Result<Events, UpstreamError> {
    open_by(&upstream(), url, limits).await
}

async fn open_by(upstream: &Upstream, url: &str, limits: Limits) -> Result<Events, UpstreamError> {
    let quirks = Quirks::default();
    let target = Target {
        upstream_id: "m",
        quirks: &quirks,
        max_output: None,
        capabilities: Capabilities::default(),
        reasoning_efforts: &[],
        supported_parameters: None,
    };
    let credential = Credential::Bearer(Secret::new("sk-very-secret"));
    let call = Call { base_url: url, dialect: Dialect::OpenaiChat, credential: &credential, target, limits };
    upstream.open(call, &Task::Chat(Request::default())).await
}

/// All events, and the error that ended them.
async fn collect(mut events: Events) -> (Vec<Event>, Option<UpstreamError>) {
    let mut all = Vec::new();
    while let Some(next) = events.next().await {
        match next {
            Ok(event) => all.push(event),
            Err(error) => {
                assert!(events.next().await.is_none(), "an error is final");
                return (all, Some(error));
            }
        }
    }
    (all, None)
}

#[tokio::test]
async fn a_call_streams_events_to_their_end() {
    let (url, task) = host(Act::Say(format!("{HEAD}{}{}0\r\n\r\n", chunk(HELLO), chunk(STOP)))).await;
    let (events, error) = collect(open(&url, patient()).await.unwrap()).await;
    assert_eq!(error, None);
    assert_eq!(events[1], Event::Text("Hello".to_owned()));
    assert!(matches!(events.last(), Some(Event::Finish { .. })));
    let request = task.await.unwrap();
    assert!(request.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: Bearer sk-very-secret\r\n"), "{request}");
}

#[tokio::test]
async fn the_end_is_told_without_waiting_for_the_connection_to_close() {
    let (gone, was_gone) = oneshot::channel();
    let (url, _task) = host(Act::SayAndWait(format!("{HEAD}{}{}", chunk(HELLO), chunk(STOP)), gone)).await;
    let (events, error) = collect(open(&url, patient()).await.unwrap()).await;
    assert_eq!((events.len(), error), (3, None));
    was_gone.await.unwrap();
}

#[tokio::test]
async fn an_answered_call_leaves_its_connection_to_the_next() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let upstream = upstream();
    // Only one connection is ever served: a second one would wait for its first byte in vain.
    let host = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        for _ in 0..3 {
            read_request(&mut socket).await;
            let answer = format!("{HEAD}{}{}0\r\n\r\n", chunk(HELLO), chunk(STOP));
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
        socket
    };
    let calls = async {
        for _ in 0..3 {
            let events =
                open_by(&upstream, &url, Limits { first_byte: Duration::from_secs(3), ..patient() }).await.unwrap();
            assert_eq!(collect(events).await.1, None);
        }
    };
    futures::join!(host, calls);
}

#[tokio::test]
async fn dropping_the_events_cancels_the_call() {
    let (gone, was_gone) = oneshot::channel();
    let (url, _task) = host(Act::SayAndWait(format!("{HEAD}{}", chunk(HELLO)), gone)).await;
    let mut events = open(&url, patient()).await.unwrap();
    assert!(matches!(events.next().await, Some(Ok(Event::Start { .. }))));
    drop(events);
    was_gone.await.unwrap();
}

#[tokio::test]
async fn each_limit_names_itself() {
    let limit = Duration::from_millis(60);
    let (silent, _silent_gone) = oneshot::channel();
    let (url, _task) = host(Act::SayAndWait(String::new(), silent)).await;
    let error = open(&url, Limits { first_byte: limit, ..patient() }).await.unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::Timeout, "The provider took too long: the first byte limit of 60ms passed.")
    );

    let (head_only, _head_gone) = oneshot::channel();
    let (url, _task) = host(Act::SayAndWait(HEAD.to_owned(), head_only)).await;
    let (events, error) = collect(open(&url, Limits { first_byte: limit, ..patient() }).await.unwrap()).await;
    assert!(events.is_empty());
    assert!(error.unwrap().message.contains("first byte"));

    let (stuck, _stuck_gone) = oneshot::channel();
    let (url, _task) = host(Act::SayAndWait(format!("{HEAD}{}", chunk(HELLO)), stuck)).await;
    let (events, error) = collect(open(&url, Limits { idle: limit, ..patient() }).await.unwrap()).await;
    assert_eq!(events.len(), 2);
    assert!(error.unwrap().message.contains("idle limit"));

    let (url, _task) = host(Act::Drip(HEAD.to_owned(), chunk(": alive\n\n"))).await;
    let (events, error) = collect(open(&url, Limits { total: limit, ..patient() }).await.unwrap()).await;
    assert!(events.is_empty());
    assert!(error.unwrap().message.contains("total limit"));
}

#[tokio::test]
async fn a_connection_that_breaks_is_an_unavailable_provider() {
    let (url, _task) = host(Act::Say(format!("{HEAD}{}", chunk(HELLO)))).await;
    let (events, error) = collect(open(&url, patient()).await.unwrap()).await;
    assert_eq!((events.len(), error.unwrap().kind), (2, ErrorKind::ProviderUnavailable));

    let (url, _task) = host(Act::Say(format!("{HEAD}{}0\r\n\r\n", chunk(HELLO)))).await;
    let (events, error) = collect(open(&url, patient()).await.unwrap()).await;
    assert_eq!((events.len(), error.unwrap().kind), (2, ErrorKind::ProviderUnavailable));

    let (url, _task) = host(Act::Say("nonsense\r\n\r\n".to_owned())).await;
    assert_eq!(open(&url, patient()).await.unwrap_err().kind, ErrorKind::ProviderUnavailable);

    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = open(&format!("http://{free}/v1"), patient()).await.unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::ProviderUnavailable, "The provider cannot be reached.")
    );

    let error = open("not a url?key=hidden", patient()).await.unwrap_err();
    assert!(!error.message.contains("hidden"));
}

#[tokio::test]
async fn a_refusal_is_read_within_bounds_and_never_repeats_the_key() {
    let body = format!(
        r#"{{"error":{{"message":"no sk-very-secret {}","type":"invalid_request_error"}}}}"#,
        "x".repeat(40_000)
    );
    let head = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nretry-after: 3\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let (url, _task) = host(Act::Say(head + &body)).await;
    let error = open(&url, patient()).await.unwrap_err();
    assert_eq!(
        (error.kind, error.status, error.retry_after),
        (ErrorKind::InvalidRequest, Some(400), Some(Duration::from_secs(3)))
    );
    assert!(error.message.starts_with("no … xxx") && error.message.len() < 1_100, "{}", error.message);

    let (url, _task) = host(Act::Drip(
        "HTTP/1.1 500 Oops\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(),
        chunk(&"x".repeat(9_000)),
    ))
    .await;
    assert_eq!(open(&url, patient()).await.unwrap_err().kind, ErrorKind::Server);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let answer = "HTTP/1.1 307 Elsewhere\r\nlocation: http://127.0.0.1:1/?key=hidden\r\ncontent-length: 0\r\n\r\n";
    let (url, _task) = host(Act::Say(answer.to_owned())).await;
    let error = open(&url, patient()).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::ProviderUnavailable, Some(307)));
    assert!(!error.message.contains("hidden"));
}

#[tokio::test]
async fn an_answer_in_one_piece_is_read_too() {
    let body = r#"{"id":"x","choices":[{"index":0,"message":{"content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#;
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let (url, _task) = host(Act::Say(head + body)).await;
    let (events, error) = collect(open(&url, patient()).await.unwrap()).await;
    assert_eq!((events.len(), error), (4, None));
}
