use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use adstead_domain::port::SlowStatement;

/// Keeps account of slow statements by their shape: the SQL with its parameters left out, so that nothing of what is
/// stored is told.
pub(super) struct Statements {
    slow_from: Duration,
    slow: Mutex<HashMap<String, Times>>,
}

#[derive(Default)]
struct Times {
    count: u64,
    total: Duration,
    longest: Duration,
}

impl Statements {
    /// How many shapes are kept; those that come later are only logged.
    const MAX_SHAPES: usize = 64;

    /// How much of a statement is kept, in bytes.
    const MAX_SHAPE: usize = 500;

    pub(super) fn new(slow_from: Duration) -> Self {
        Self { slow_from, slow: Mutex::default() }
    }

    /// Takes note of a statement that took a time.
    pub(super) fn note(&self, sql: &str, time: Duration) {
        if time < self.slow_from {
            return;
        }
        let shape = shape_of(sql);
        tracing::warn!(elapsed_ms = time.as_millis(), statement = shape, "a database statement was slow");
        let mut slow = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = slow.len() >= Self::MAX_SHAPES;
        let times = match slow.entry(shape) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(_) if is_full => return,
            Entry::Vacant(new) => new.insert(Times::default()),
        };
        times.count += 1;
        times.total += time;
        times.longest = times.longest.max(time);
    }

    /// The shapes that were slow, those first that took the most time in all.
    pub(super) fn slowest(&self) -> Vec<SlowStatement> {
        let slow = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statements: Vec<_> = slow
            .iter()
            .map(|(shape, Times { count, total, longest })| SlowStatement {
                shape: shape.clone(),
                count: *count,
                total: *total,
                longest: *longest,
            })
            .collect();
        drop(slow);
        statements
            .sort_by(|one, other| other.total.cmp(&one.total).then_with(|| one.shape.cmp(&other.shape)));
        statements
    }
}

/// The statement with each literal and placeholder as `?`, and lists of them, or of rows of them, told once.
fn shape_of(sql: &str) -> String {
    let mut shape = String::with_capacity(sql.len().min(Statements::MAX_SHAPE));
    let mut rest = sql.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\'' => {
                // A doubled quote inside a text reads as two texts side by side, which is as good.
                rest.by_ref().find(|&next| next == '\'');
                placeholder(&mut shape);
            }
            '$' | '?' => {
                while rest.next_if(char::is_ascii_digit).is_some() {}
                placeholder(&mut shape);
            }
            digit if digit.is_ascii_digit() && !shape.ends_with(is_name) => {
                while rest.next_if(|&next| next.is_ascii_alphanumeric() || next == '.').is_some() {}
                placeholder(&mut shape);
            }
            ')' => {
                shape.push(')');
                if let Some(once) = shape.strip_suffix("(?), (?)").map(str::len) {
                    shape.truncate(once + "(?)".len());
                }
            }
            space if space.is_whitespace() => {
                if !shape.ends_with(' ') {
                    shape.push(' ');
                }
            }
            other => shape.push(other),
        }
        if shape.len() > Statements::MAX_SHAPE {
            shape.push('…');
            break;
        }
    }
    shape
}

fn placeholder(shape: &mut String) {
    if !shape.ends_with("?, ") {
        shape.push('?');
        return;
    }
    shape.truncate(shape.len() - ", ".len());
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '"' | '`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sql: &str, shape: &str) {
        assert_eq!(shape_of(sql), shape);
    }

    #[test]
    fn a_shape_holds_no_value() {
        check(
            "SELECT * FROM ads WHERE id = $1 AND name = 'it''s'",
            "SELECT * FROM ads WHERE id = ? AND name = ??",
        );
        check(
            "UPDATE t1 SET a = 5, b = 1.5e3  WHERE\n c = x'0aff'",
            "UPDATE t1 SET a = ?, b = ? WHERE c = x?",
        );
    }

    #[test]
    fn lists_of_any_length_have_one_shape() {
        check("SELECT 1 FROM a WHERE id IN (?, ?, ?)", "SELECT ? FROM a WHERE id IN (?)");
        check("INSERT INTO a (b, c) VALUES ($1, $2), ($3, $4), ($5, $6)", "INSERT INTO a (b, c) VALUES (?)");
    }

    #[test]
    fn slow_statements_are_summed_by_shape_and_bounded() {
        let statements = Statements::new(Duration::from_millis(5));
        statements.note("SELECT 1", Duration::from_millis(4));
        for ms in [5, 9] {
            statements.note("SELECT 1", Duration::from_millis(ms));
        }
        for table in 0..100 {
            statements.note(&format!("SELECT * FROM t{table}"), Duration::from_millis(5));
        }
        let slowest = statements.slowest();
        assert_eq!(slowest.len(), Statements::MAX_SHAPES);
        let expected = SlowStatement {
            shape: "SELECT ?".to_owned(),
            count: 2,
            total: Duration::from_millis(14),
            longest: Duration::from_millis(9),
        };
        assert_eq!(slowest[0], expected);
    }

    #[test]
    fn a_long_statement_is_cut_short() {
        assert!(shape_of(&"é".repeat(10_000)).len() <= Statements::MAX_SHAPE + 5);
    }
}
