//! The private PostgreSQL: made, shared, stopped by its last user, and recovered after the worst.
//!
//! Each test runs a cluster of its own, as `make run` does: as root it belongs to the user `postgres`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use server::postgres::{Cluster, ClusterError, Lease};
use server::user::User;

use crate::harness::variable;

fn cluster(home: &Path) -> Result<Cluster, ClusterError> {
    Cluster::at(home, User::current().unwrap(), variable("PATH").as_deref())
}

fn start(home: &Path) -> Lease {
    cluster(home).and_then(Lease::take).unwrap()
}

/// A folder that the cluster's owner can reach, unlike one below a private home.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::Builder::new().prefix("souk-it-").tempdir_in("/tmp").unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

fn ask(lease: &Lease, sql: &str) -> Result<String, String> {
    let out = Command::new("psql").args([lease.url(), "-qXAt", "-v", "ON_ERROR_STOP=1", "-c", sql]).output().unwrap();
    if out.status.success() {
        Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&out.stderr).into_owned())
    }
}

fn postmaster(home: &Path) -> Option<String> {
    fs::read_to_string(home.join("data/postmaster.pid")).ok().and_then(|text| text.lines().next().map(str::to_owned))
}

fn kill_9(pid: &str) {
    assert!(Command::new("sh").args(["-c", &format!("kill -9 {pid}")]).status().unwrap().success());
    // Gone, or dead and waiting for its parent to notice.
    let state = || fs::read_to_string(format!("/proc/{pid}/stat")).ok();
    while state().is_some_and(|stat| !stat.contains(") Z ")) {
        std::thread::yield_now();
    }
}

#[test]
fn what_was_written_is_there_after_a_restart() {
    let dir = folder();
    let home = dir.path().join("postgres");
    let lease = start(&home);
    ask(&lease, "create table t as select 42 as answer").unwrap();
    lease.give_back().unwrap();
    assert_eq!(postmaster(&home), None, "its only user has gone, so it has stopped");

    let again = start(&home);
    assert_eq!(ask(&again, "select answer from t").unwrap(), "42");
}

#[test]
fn it_listens_on_a_private_socket_and_on_no_port() {
    let dir = folder();
    let home = dir.path().join("postgres");
    let lease = start(&home);
    assert_eq!(ask(&lease, "show listen_addresses").unwrap(), "");
    assert_eq!(fs::metadata(home.join("socket")).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(&home).unwrap().permissions().mode() & 0o777, 0o700);
    let role = ask(&lease, "select string_agg(rolname, ',') from pg_roles where rolcanlogin").unwrap();
    assert_eq!(role, "souk");
}

#[test]
fn two_users_share_it_and_the_last_one_stops_it() {
    let dir = folder();
    let home = dir.path().join("postgres");
    let (first, second) = (start(&home), start(&home));
    let pid = postmaster(&home).unwrap();
    first.give_back().unwrap();
    assert_eq!(postmaster(&home), Some(pid), "the other one still uses it");
    assert_eq!(ask(&second, "select 1").unwrap(), "1");
    drop(second);
    assert_eq!(postmaster(&home), None);
}

#[test]
fn a_killed_postmaster_is_recovered_with_all_that_was_committed() {
    let dir = folder();
    let home = dir.path().join("postgres");
    let killed = start(&home);
    ask(&killed, "create table t as select 42 as answer").unwrap();
    kill_9(&postmaster(&home).unwrap());
    // As after `kill -9` of the server too: the file with the dead one's number is still there.
    assert!(postmaster(&home).is_some());

    let recovered = start(&home);
    assert_eq!(ask(&recovered, "select answer from t").unwrap(), "42");
}

#[test]
fn a_number_that_another_program_got_after_a_crash_does_not_stop_the_start() {
    let dir = folder();
    let home = dir.path().join("postgres");
    start(&home).give_back().unwrap();
    let pid_file = home.join("data/postmaster.pid");
    fs::write(&pid_file, format!("{}\n{}\n", std::process::id(), home.join("data").display())).unwrap();
    let lease = start(&home);
    assert_eq!(ask(&lease, "select 1").unwrap(), "1");
}

#[test]
fn a_making_that_was_cut_off_is_done_again() {
    let dir = folder();
    let home = dir.path().join("postgres");
    cluster(&home).unwrap();
    fs::create_dir_all(home.join("data.new/base")).unwrap();
    let lease = start(&home);
    assert_eq!(ask(&lease, "select 1").unwrap(), "1");
}

#[test]
fn a_path_too_long_for_a_socket_gets_one_elsewhere() {
    let dir = folder();
    let home = dir.path().join("a folder with a name so long that no socket fits into it ".repeat(2)).join("postgres");
    fs::create_dir_all(home.parent().unwrap()).unwrap();
    let lease = start(&home);
    assert_eq!(ask(&lease, "select 1").unwrap(), "1");
    assert!(lease.url().contains("?host=/tmp/souk-"), "{}", lease.url());
}

#[test]
fn a_database_of_a_newer_version_is_refused_in_one_sentence() {
    let dir = folder();
    let home = dir.path().join("postgres");
    fs::create_dir_all(home.join("data")).unwrap();
    fs::write(home.join("data/PG_VERSION"), "99\n").unwrap();
    let error = cluster(&home).unwrap_err();
    assert!(matches!(&error, ClusterError::OtherVersion { made_by, .. } if made_by == "99"), "{error}");
    assert!(error.to_string().contains("install PostgreSQL 99"), "{error}");
}

#[test]
fn without_its_programs_it_says_what_to_install() {
    assert!(ClusterError::NotInstalled.to_string().contains("install the package postgresql"));
}
