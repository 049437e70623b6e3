//! The engines' error codes and what they mean: the only place that knows them.

use sea_orm::sqlx::error::DatabaseError as EngineError;
use sea_orm::sqlx::mysql::MySqlDatabaseError;
use sea_orm::sqlx::postgres::PgDatabaseError;

use super::Fault;

/// What an engine's own error means.
pub(super) fn fault_of(error: &dyn EngineError) -> Fault {
    if let Some(error) = error.try_downcast_ref::<PgDatabaseError>() {
        of_sqlstate(error.code())
    } else if let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() {
        of_mysql(error.number())
    } else {
        error.code().and_then(|code| code.parse().ok()).map_or(Fault::Unexpected, of_sqlite)
    }
}

/// PostgreSQL's SQLSTATE: five characters, of which the first two are the class.
///
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>; that 40001 and 40P01 call for the whole transaction
/// to run again: <https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html>.
fn of_sqlstate(code: &str) -> Fault {
    match code {
        // serialization_failure
        "40001" => Fault::Serialization,
        // deadlock_detected
        "40P01" => Fault::Deadlock,
        // lock_not_available: `lock_timeout` ran out
        "55P03" => Fault::Locked,
        // admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout, idle_in_transaction_session_timeout;
        // the class connection_exception
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => Fault::Disconnected,
        _ if code.starts_with("08") => Fault::Disconnected,
        // query_canceled: `statement_timeout` ran out; transaction_timeout
        "57014" | "25P04" => Fault::TimedOut,
        // too_many_connections
        "53300" => Fault::Overloaded,
        "53100" => Fault::DiskFull,
        "23505" => Fault::Taken,
        "23503" => Fault::Dangling,
        // numeric_value_out_of_range
        "22003" => Fault::OutOfRange,
        // string_data_right_truncation; character_not_in_repertoire and untranslatable_character: a NUL in a text;
        // the class integrity_constraint_violation
        "22001" | "22021" | "22P05" => Fault::Constraint,
        _ if code.starts_with("23") => Fault::Constraint,
        // read_only_sql_transaction
        "25006" => Fault::ReadOnly,
        // insufficient_privilege; the class invalid_authorization_specification
        "42501" => Fault::Denied,
        _ if code.starts_with("28") => Fault::Denied,
        // invalid_catalog_name
        "3D000" => Fault::NoDatabase,
        // io_error
        "58030" => Fault::Io,
        // data_corrupted, index_corrupted
        "XX001" | "XX002" => Fault::Corrupt,
        _ => Fault::Unexpected,
    }
}

/// The error numbers of MariaDB and MySQL.
///
/// <https://mariadb.com/docs/server/reference/error-codes/mariadb-error-code-reference>,
/// <https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html>.
fn of_mysql(number: u16) -> Fault {
    match number {
        // ER_LOCK_DEADLOCK: the whole transaction was rolled back
        1213 => Fault::Deadlock,
        // ER_LOCK_WAIT_TIMEOUT: only the statement was rolled back, the rest follows when its connection goes back
        1205 => Fault::Locked,
        // ER_CHECKREAD: under innodb_snapshot_isolation, the default from MariaDB 11.6 on
        1020 => Fault::Serialization,
        // ER_SERVER_SHUTDOWN, ER_NORMAL_SHUTDOWN, ER_CONNECTION_KILLED, ER_CLIENT_INTERACTION_TIMEOUT
        1053 | 1077 | 1927 | 4031 => Fault::Disconnected,
        // ER_QUERY_INTERRUPTED, ER_QUERY_TIMEOUT, ER_STATEMENT_TIMEOUT
        1317 | 3024 | 1969 => Fault::TimedOut,
        // ER_CON_COUNT_ERROR, ER_TOO_MANY_USER_CONNECTIONS, ER_USER_LIMIT_REACHED
        1040 | 1203 | 1226 => Fault::Overloaded,
        // ER_DISK_FULL, ER_RECORD_FILE_FULL
        1021 | 1114 => Fault::DiskFull,
        // ER_DUP_ENTRY, ER_DUP_ENTRY_WITH_KEY_NAME
        1062 | 1586 => Fault::Taken,
        // ER_ROW_IS_REFERENCED, ER_ROW_IS_REFERENCED_2
        1217 | 1451 => Fault::Needed,
        // ER_NO_REFERENCED_ROW, ER_NO_REFERENCED_ROW_2
        1216 | 1452 => Fault::Dangling,
        // ER_DATA_OUT_OF_RANGE
        1690 => Fault::OutOfRange,
        // ER_BAD_NULL_ERROR, ER_WARN_DATA_OUT_OF_RANGE, ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, ER_DATA_TOO_LONG,
        // ER_CHECK_CONSTRAINT_VIOLATED of MySQL, ER_CONSTRAINT_FAILED of MariaDB
        1048 | 1264 | 1366 | 1406 | 3819 | 4025 => Fault::Constraint,
        // ER_OPTION_PREVENTS_STATEMENT (--read-only), ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ER_READ_ONLY_MODE
        1290 | 1792 | 1836 => Fault::ReadOnly,
        // ER_DBACCESS_DENIED_ERROR, ER_ACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR
        1044 | 1045 | 1142 => Fault::Denied,
        // ER_BAD_DB_ERROR
        1049 => Fault::NoDatabase,
        // ER_ERROR_ON_READ, ER_ERROR_ON_WRITE, ER_GET_ERRNO
        1024 | 1026 | 1030 => Fault::Io,
        // ER_CRASHED_ON_USAGE, ER_CRASHED_ON_REPAIR, ER_INDEX_CORRUPT
        1194 | 1195 | 1712 => Fault::Corrupt,
        _ => Fault::Unexpected,
    }
}

/// SQLite's result codes; the low byte of an extended code is its primary one.
///
/// <https://www.sqlite.org/rescode.html>
fn of_sqlite(code: i32) -> Fault {
    match (code, code & 0xff) {
        // SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY
        (2067 | 1555, _) => Fault::Taken,
        // SQLITE_CONSTRAINT_FOREIGNKEY
        (787, _) => Fault::Dangling,
        // SQLITE_BUSY, with SQLITE_BUSY_SNAPSHOT; SQLITE_LOCKED
        (_, 5 | 6) => Fault::Locked,
        (_, 8) => Fault::ReadOnly,
        // SQLITE_IOERR, SQLITE_CANTOPEN
        (_, 10 | 14) => Fault::Io,
        // SQLITE_CORRUPT, SQLITE_NOTADB
        (_, 11 | 26) => Fault::Corrupt,
        (_, 13) => Fault::DiskFull,
        // SQLITE_TOOBIG, SQLITE_CONSTRAINT
        (_, 18 | 19) => Fault::Constraint,
        _ => Fault::Unexpected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passing_fault_runs_the_transaction_again_on_every_engine() {
        let retried = |faults: Vec<Fault>| faults.into_iter().all(Fault::is_retryable);
        let postgres = ["40001", "40P01", "55P03", "57P01", "57P02", "57P03", "25P03", "08000", "08006"];
        assert!(retried(postgres.map(of_sqlstate).to_vec()));
        assert!(retried([1213, 1205].map(of_mysql).to_vec()));
        // BUSY, LOCKED, BUSY_RECOVERY, BUSY_SNAPSHOT, LOCKED_SHAREDCACHE
        assert!(retried([5, 6, 261, 517, 262].map(of_sqlite).to_vec()));
    }

    #[test]
    fn a_fault_that_stays_is_not_tried_again() {
        let stays = |faults: Vec<Fault>| !faults.into_iter().any(Fault::is_retryable);
        assert!(stays(
            ["53300", "53100", "23505", "42P01", "22003", "57014", "25P04", "XX000"]
                .map(of_sqlstate)
                .to_vec()
        ));
        assert!(stays([1040, 1062, 1146, 1114, 1969].map(of_mysql).to_vec()));
        assert!(stays([1, 8, 10, 11, 13, 19, 2067].map(of_sqlite).to_vec()));
    }
}
