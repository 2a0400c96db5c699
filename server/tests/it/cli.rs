//! The program from its command line: what it prints, and how it ends.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Output, Stdio};

use crate::harness::{TestDatabase, souk};

fn run(dir: &Path, variables: &[(&str, &str)], args: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = souk(dir, variables).args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn create_account(dir: &Path, database: &str, email: &str, password: &str) -> Output {
    let mut child = souk(dir, &[("DATABASE_URL", database)])
        .args(["account", "create", "--email", email, "--password-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{password}").unwrap();
    child.wait_with_output().unwrap()
}

/// A server that runs until it is killed, or dropped.
struct Serving {
    child: Child,
    url: String,
}

impl Serving {
    fn start(dir: &Path, database: &str) -> Self {
        let mut child =
            souk(dir, &[("DATABASE_URL", database), ("SOUK_ADDR", "127.0.0.1:0"), ("SOUK_LOCAL_SERVERS", "off")])
                .env("SOUK_SECRET", "a secret that is long enough for it")
                .arg("serve")
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let site = lines.find_map(|line| Some(line.ok()?.trim().strip_prefix("Site")?.trim().to_owned()));
        Self { child, url: site.unwrap() }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(
            std::process::Command::new("sh").args(["-c", &format!("kill {name} {pid}")]).status().unwrap().success()
        );
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn accounts_credits_and_keys_are_made_by_command() {
    let (dir, database) = (tempfile::tempdir().unwrap(), TestDatabase::create());
    let with = [("DATABASE_URL", database.url.as_str())];
    let created = create_account(dir.path(), &database.url, "ada@example.com", "a password of mine");
    assert!(created.status.success(), "{created:?}");
    let (code, out, err) = run(
        dir.path(),
        &with,
        &["credit", "grant", "--email", "ada@example.com", "--usd", "12.50", "--reason", "test"],
    );
    assert_eq!((code, out.as_str(), err.as_str()), (0, "$12.5 can be spent\n", ""));
    let (code, out, err) = run(
        dir.path(),
        &with,
        &["key", "create", "--email", "ada@example.com", "--name", "laptop", "--limit-usd", "5"],
    );
    assert_eq!((code, out.len(), err.as_str()), (0, "sk-souk-v1-".len() + 64 + 1, ""), "the key and nothing else");
    let (code, out, _) = run(dir.path(), &with, &["ledger", "check"]);
    assert_eq!((code, out.as_str()), (0, "the ledger is right\n"));
    let (code, out, _) = run(dir.path(), &with, &["ledger", "list", "--email", "ada@example.com"]);
    assert_eq!(code, 0);
    assert!(out.contains("grant") && out.contains("$12.5") && out.contains("test"), "{out}");
}

#[test]
fn what_is_wrong_is_said_in_one_sentence_and_an_exit_code() {
    let (dir, database) = (tempfile::tempdir().unwrap(), TestDatabase::create());
    let with = [("DATABASE_URL", database.url.as_str())];
    create_account(dir.path(), &database.url, "ada@example.com", "a password of mine");
    let short = create_account(dir.path(), &database.url, "bob@example.com", "short");
    assert_eq!(String::from_utf8(short.stderr).unwrap(), "souk: A password has at least 10 characters.\n");
    let taken = create_account(dir.path(), &database.url, "ADA@example.com", "a password of mine");
    assert!(String::from_utf8(taken.stderr).unwrap().contains("already"));
    let check = |args: &[&str], variables: &[(&str, &str)], part: &str| {
        let (code, out, err) = run(dir.path(), variables, args);
        assert_eq!((code, out.as_str()), (1, ""), "{args:?}: {err}");
        assert!(
            err.starts_with("souk: ") && err.contains(part) && err.trim_end().lines().count() == 1,
            "{args:?}: {err}"
        );
    };
    check(&["credit", "grant", "--email", "ada@example.com", "--usd", "0", "--reason", "x"], &with, "more than $0");
    check(
        &["credit", "grant", "--email", "eve@example.com", "--usd", "1", "--reason", "x"],
        &with,
        "no account with the address eve@example.com",
    );
    check(&["key", "create", "--email", "ada@example.com", "--name", " "], &with, "a name");
    check(
        &["ledger", "check"],
        &[("DATABASE_URL", "postgres://souk@127.0.0.1:1/souk")],
        "cannot connect to the database",
    );
    check(&["serve"], &[("SOUK_SIGN_UP", "maybe")], "SOUK_SIGN_UP is `maybe`");
}

#[test]
fn a_busy_port_is_told_before_anything_is_started() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, _, err) = run(dir.path(), &[("SOUK_ADDR", &address)], &["serve"]);
    assert_eq!(code, 1);
    assert!(err.contains(&format!("{address} is in use by another program")), "{err}");
    assert!(!dir.path().join("var/postgres").exists());
}

#[test]
fn a_database_of_a_newer_souk_is_refused() {
    let (dir, database) = (tempfile::tempdir().unwrap(), TestDatabase::create());
    let with = [("DATABASE_URL", database.url.as_str())];
    assert_eq!(run(dir.path(), &with, &["ledger", "check"]).0, 0);
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (99990101000000, 'later', true, '', 0)";
    assert!(std::process::Command::new("psql").args([&database.url, "-qXc", newer]).status().unwrap().success());
    let (code, _, err) = run(dir.path(), &with, &["ledger", "check"]);
    assert_eq!(code, 1);
    assert!(err.contains("made by a newer Souk"), "{err}");
}

#[test]
fn a_broken_catalog_stops_the_start_with_the_words_of_the_check() {
    let (dir, database) = (tempfile::tempdir().unwrap(), TestDatabase::create());
    let overlay = dir.path().join("overlay");
    fs::create_dir_all(overlay.join("providers")).unwrap();
    fs::write(overlay.join("providers/acme.toml"), "slug = 3\n").unwrap();
    let overlay = overlay.to_str().unwrap();
    let (code, _, checked) = run(dir.path(), &[], &["catalog", "check", "--dir", overlay]);
    assert_eq!(code, 1);
    assert!(checked.contains("providers/acme.toml:1: slug: "), "{checked}");
    let with = [
        ("DATABASE_URL", database.url.as_str()),
        ("SOUK_CATALOG_DIR", overlay),
        ("SOUK_ADDR", "127.0.0.1:0"),
        ("SOUK_SECRET", "a secret that is long enough for it"),
        ("RUST_LOG", "off"),
    ];
    let (code, _, served) = run(dir.path(), &with, &["serve"]);
    assert_eq!((code, served), (1, checked));
}

#[test]
fn the_shipped_catalog_has_no_fault() {
    let dir = tempfile::tempdir().unwrap();
    let (code, out, err) = run(dir.path(), &[], &["catalog", "check"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("endpoints of"), "{out}");
}

#[test]
fn told_to_stop_it_lets_a_stream_end_and_then_ends_well() {
    let (dir, database) = (tempfile::tempdir().unwrap(), TestDatabase::create());
    let with = [("DATABASE_URL", database.url.as_str())];
    create_account(dir.path(), &database.url, "ada@example.com", "a password of mine");
    run(dir.path(), &with, &["credit", "grant", "--email", "ada@example.com", "--usd", "5", "--reason", "test"]);
    let key = run(dir.path(), &with, &["key", "create", "--email", "ada@example.com", "--name", "k"]).1;
    let mut serving = Serving::start(dir.path(), &database.url);
    let mut stream = Stream::of(&serving.url, key.trim(), "simulator/slow");
    let mut first = [0; 1];
    stream.read_exact(&mut first).unwrap(); // it streams
    serving.signal("-INT");
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("data: [DONE]"), "{rest}");
    assert!(serving.child.wait().unwrap().success());
    assert_eq!(run(dir.path(), &with, &["ledger", "check"]).1, "the ledger is right\n");
    let listed = run(dir.path(), &with, &["ledger", "list", "--email", "ada@example.com"]).1;
    assert!(listed.contains("settle") && listed.contains("$0 held"), "{listed}");
}

#[test]
fn killed_under_way_it_frees_what_was_held_at_the_next_start() {
    let (dir, database) = (tempfile::tempdir().unwrap(), TestDatabase::create());
    let with = [("DATABASE_URL", database.url.as_str())];
    create_account(dir.path(), &database.url, "ada@example.com", "a password of mine");
    run(dir.path(), &with, &["credit", "grant", "--email", "ada@example.com", "--usd", "5", "--reason", "test"]);
    let key = run(dir.path(), &with, &["key", "create", "--email", "ada@example.com", "--name", "k"]).1;
    let serving = Serving::start(dir.path(), &database.url);
    let mut stream = Stream::of(&serving.url, key.trim(), "simulator/slow");
    let mut first = [0; 1];
    stream.read_exact(&mut first).unwrap();
    serving.signal("-KILL");
    drop(serving);
    drop(Serving::start(dir.path(), &database.url));
    assert_eq!(run(dir.path(), &with, &["ledger", "check"]).1, "the ledger is right\n");
    let listed = run(dir.path(), &with, &["ledger", "list", "--email", "ada@example.com"]).1;
    assert!(listed.ends_with("granted $5 = $5 to spend + $0 held + $0 spent\n"), "{listed}");
}

/// A streamed chat completion, read piece by piece as it comes, over a connection that nothing hides.
struct Stream(TcpStream);

impl Stream {
    fn of(url: &str, key: &str, model: &str) -> Self {
        let host = url.strip_prefix("http://").unwrap();
        let messages = r#"[{"role": "user", "content": "one two three"}]"#;
        let body = format!(r#"{{"model": "{model}", "stream": true, "messages": {messages}}}"#);
        let mut connection = TcpStream::connect(host).unwrap();
        write!(
            connection,
            "POST /api/v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        Self(connection)
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}
