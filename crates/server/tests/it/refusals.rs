//! What an operator reads where the database cannot be used: the setting, what to do, and never the password.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use adstead_backends::{Backend, Server, available};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::server::{adstead, failure, stdout};

const PASSWORD: &str = "hunter2";

/// What `serve` and `migrate` say of the database at `url`: the same.
fn refusal(url: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let told = [&["serve"][..], &["migrate"], &["migrate", "status"]].map(|arguments| {
        let mut command = adstead(folder.path(), arguments);
        command.env("ADSTEAD__DATABASE__URL", url).env("ADSTEAD__DATABASE__ACQUIRE_TIMEOUT", "2 s");
        let (code, words) = failure(&mut command);
        assert!(!words.contains(PASSWORD), "the password is told: {words}");
        (code, words)
    });
    assert!(told.windows(2).all(|two| two[0] == two[1]), "{told:#?}");
    told.into_iter().next().unwrap().1
}

/// The first lines that every refusal of a database begins with.
fn refused(shown_url: &str, why: &str) -> String {
    format!(
        "error: the database {shown_url} of database.url or ADSTEAD__DATABASE__URL cannot be used\n  because: {why}\n"
    )
}

/// A server, its address, and its URL up to the password.
fn server(backend: Backend) -> Option<(&'static Server, String, &'static str)> {
    let scheme = match backend {
        Backend::Postgres => "postgres",
        _ => "mysql",
    };
    let server = available(backend)?;
    Some((server, server.address(), scheme))
}

#[test]
fn a_scheme_that_is_unknown() {
    let told = refusal("oracle://adstead:hunter2@db/ads");
    let setting = "the settings have a fault:\n  ADSTEAD__DATABASE__URL: database.url: ";
    assert!(told.starts_with(&format!("error: {setting}")), "{told}");
    assert!(told.contains("sqlite://"), "it says what is known: {told}");
}

#[test]
fn a_wrong_password() {
    for (backend, cause) in [
        (Backend::Postgres, "password authentication failed for user \"adstead\""),
        (Backend::MariaDb, "1045 (28000): Access denied for user 'adstead'@"),
    ] {
        let Some((_, address, scheme)) = server(backend) else { continue };
        let told = refusal(&format!("{scheme}://adstead:{PASSWORD}@{address}/adstead"));
        let why = format!(
            "the database server at {address} refuses the user \"adstead\": check the name, the password and its rights"
        );
        let expected = refused(&format!("{scheme}://adstead:***@{address}/adstead"), &why);
        let expected = format!("{expected}  because: the database refuses this user\n  because: {cause}");
        // The rest of the line is the server's: a line of its sources, or the host that it saw.
        assert!(told.starts_with(&expected) && told.lines().count() == 4, "{told}");
    }
}

#[test]
fn a_database_that_is_missing() {
    for backend in [Backend::Postgres, Backend::MariaDb] {
        let Some((server, address, scheme)) = server(backend) else { continue };
        let url = server.url_of("nowhere");
        let folder = tempfile::tempdir().unwrap();
        let mut command = adstead(folder.path(), &["serve"]);
        let (_, told) = failure(command.env("ADSTEAD__DATABASE__URL", &url));
        let password = url.split([':', '@']).nth(2).unwrap();
        let why =
            format!("the server at {address} has no database \"nowhere\": create it there, or name another");
        assert_eq!(told, refused(&format!("{scheme}://adstead:***@{address}/nowhere"), &why));
        assert!(!told.contains(password), "{told}");
    }
}

#[test]
fn a_server_that_is_down() {
    // Nobody listens at a port that was free a moment ago.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for scheme in ["postgres", "mysql"] {
        let told = refusal(&format!("{scheme}://adstead:{PASSWORD}@{free}/adstead"));
        let why = format!(
            "no database server answers at {free}: check that it runs, that host and port are right, \
             and that no firewall stands between"
        );
        let expected = refused(&format!("{scheme}://adstead:***@{free}/adstead"), &why);
        assert!(told.starts_with(&expected), "{told}");
        assert!(told.contains("Connection refused"), "{told}");
    }
}

#[test]
fn a_server_without_tls_where_the_url_asks_for_it() {
    for (backend, parameter) in
        [(Backend::Postgres, "sslmode=verify-full"), (Backend::MariaDb, "ssl-mode=VERIFY_IDENTITY")]
    {
        let Some((_, address, scheme)) = server(backend) else { continue };
        let told = refusal(&format!("{scheme}://adstead:{PASSWORD}@{address}/adstead?{parameter}"));
        let why = format!(
            "the connection to the database server at {address} cannot be encrypted as the URL wants it: check that the \
             server offers TLS"
        );
        assert!(told.contains(&format!("\n  because: {why}")), "{told}");
        assert!(told.contains("server does not support TLS") && !told.contains("firewall"), "{told}");
    }
}

#[test]
fn a_server_of_another_engine() {
    for (backend, said, is, scheme) in [
        (Backend::Postgres, "mysql", "PostgreSQL", "postgres://"),
        (Backend::MariaDb, "postgres", "MariaDB or MySQL", "mysql://"),
    ] {
        let Some((_, address, _)) = server(backend) else { continue };
        let told = refusal(&format!("{said}://adstead:{PASSWORD}@{address}/adstead"));
        let why = format!(
            "the server at {address} is {is}, which the database URL does not say: begin it with {scheme}, \
             or name another host or port"
        );
        assert_eq!(told, refused(&format!("{said}://adstead:***@{address}/adstead"), &why));
    }
}

#[test]
fn a_host_that_does_not_answer() {
    // It takes connections and says nothing on them, as a host behind a firewall or a server that hangs.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    for scheme in ["postgres", "mysql"] {
        let told = refusal(&format!("{scheme}://adstead:{PASSWORD}@{address}/adstead"));
        let why = format!(
            "no database server answers at {address}: check that it runs, that host and port are right, \
             and that no firewall stands between\n  because: the database server could not be reached in time"
        );
        assert_eq!(told, refused(&format!("{scheme}://adstead:***@{address}/adstead"), &why));
    }
}

#[test]
fn a_host_that_does_not_exist() {
    for scheme in ["postgres", "mysql"] {
        let told = refusal(&format!("{scheme}://adstead:{PASSWORD}@nowhere.invalid/adstead"));
        let why = "no database server answers at nowhere.invalid:";
        let expected = refused(&format!("{scheme}://adstead:***@nowhere.invalid/adstead"), "");
        assert!(told.starts_with(&format!("{}{why}", expected.trim_end_matches('\n'))), "{told}");
    }
}

#[test]
fn a_file_and_a_folder_that_may_only_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    stdout(folder.path(), &["migrate"]);
    let file = data.join("adstead.db");
    chmod(&file, 0o444);
    chmod(&data, 0o555);
    chmod(folder.path(), 0o755);
    let cases = [
        ("sqlite://data/adstead.db", "data/adstead.db", "the database may only be read"),
        ("sqlite://data/new.db", "data/new.db", "the database's file cannot be read or written"),
    ];
    let told = cases.map(|(url, _, _)| {
        let mut command = as_nobody(folder.path(), &["migrate"]);
        failure(command.env("ADSTEAD__DATABASE__URL", url)).1
    });
    chmod(&data, 0o755);
    for ((url, path, cause), told) in cases.iter().zip(told) {
        let why =
            format!("the database {path} cannot be opened: check that it and its folder may be written to");
        let expected = format!("{}  because: {cause}\n", refused(url, &why));
        assert!(told.starts_with(&expected), "{told}");
    }
}

#[test]
fn a_file_that_may_only_be_read_in_a_folder_that_may_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    stdout(folder.path(), &["migrate"]);
    chmod(folder.path(), 0o777);
    chmod(&data, 0o777);
    chmod(&data.join("adstead.db"), 0o444);
    for arguments in [&["serve"][..], &["migrate"], &["accounts", "create", "Acme"]] {
        let (_, told) = failure(&mut as_nobody(folder.path(), arguments));
        let why =
            "the database data/adstead.db cannot be opened: check that it and its folder may be written to";
        let expected =
            format!("{}  because: the database may only be read\n", refused("sqlite://data/adstead.db", why));
        assert!(told.starts_with(&expected), "{told}");
    }
}

#[tokio::test]
async fn a_database_that_keeps_texts_in_an_encoding_of_few_characters() {
    let Some((server, address, scheme)) = server(Backend::Postgres) else { return };
    let name = format!("adstead_test_latin1_{}", std::process::id());
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    let encoding = "ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'";
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name} {encoding}"))).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let mut command = adstead(folder.path(), &["migrate"]);
    let (_, told) = failure(command.env("ADSTEAD__DATABASE__URL", server.url_of(&name)));
    connection.execute(AssertSqlSafe(format!("DROP DATABASE {name}"))).await.unwrap();
    let why = format!(
        "the database \"{name}\" keeps texts as LATIN1, which has not every character: create one with \
         ENCODING 'UTF8' TEMPLATE template0, or name another"
    );
    assert_eq!(told, refused(&format!("{scheme}://adstead:***@{address}/{name}"), &why));
}

#[tokio::test]
async fn a_database_on_a_server_that_may_only_be_read() {
    let Some((server, address, scheme)) = server(Backend::Postgres) else { return };
    let name = format!("adstead_test_read_only_{}", std::process::id());
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let on_it = |arguments: &[&str]| {
        let mut command = adstead(folder.path(), arguments);
        command.env("ADSTEAD__DATABASE__URL", server.url_of(&name));
        command
    };
    assert!(on_it(&["migrate"]).output().unwrap().status.success());
    let closed = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    connection.execute(AssertSqlSafe(closed)).await.unwrap();

    let cases =
        [(&["accounts", "create", "Acme"][..], "accounts.insert"), (&["serve"], "signing_keys.agree")];
    let told = cases.map(|(arguments, operation)| (operation, failure(&mut on_it(arguments)).1));
    connection.execute(AssertSqlSafe(format!("DROP DATABASE {name}"))).await.unwrap();
    for (operation, told) in told {
        let why = format!("{operation} failed: the system behind it is not available");
        let expected = refused(&format!("{scheme}://adstead:***@{address}/{name}"), &why);
        assert!(told.starts_with(&format!("{expected}  because: the database may only be read\n")), "{told}");
    }
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// `adstead` as a user whom permissions bind: nobody where we are root.
fn as_nobody(folder: &Path, arguments: &[&str]) -> Command {
    const NOBODY: u32 = 65_534;
    let mut command = adstead(folder, arguments);
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return command;
    }
    // The folder of the build may be closed to others.
    let binary = folder.join("adstead");
    if !binary.exists() {
        fs::copy(command.get_program(), &binary).unwrap();
        chmod(&binary, 0o755);
    }
    command = Command::new(binary);
    command.args(arguments).current_dir(folder).uid(NOBODY).gid(NOBODY);
    command
}
