//! The stage on which the demo happens: each step is timed and told, by a line and a progress bar or not at all.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use anyhow::Result;
use console::{Term, measure_text_width, pad_str, style, truncate_str};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::outcome::Step;

/// Where steps happen and things are shown.
pub(super) struct Stage {
    /// Nothing where only the outcome is wanted.
    screen: Option<Term>,
    pub(super) steps: Vec<Step>,
}

impl Stage {
    /// The widest line.
    const MAX_WIDTH: usize = 100;
    /// The width where nobody knows it.
    const USUAL_WIDTH: u16 = 80;
    /// How often a progress bar moves while nothing is reported.
    const TICK: Duration = Duration::from_millis(80);

    /// A stage on stdout.
    pub(super) fn on_stdout() -> Self {
        Self { screen: Some(Term::stdout()), steps: Vec::new() }
    }

    /// A stage that nobody watches.
    pub(super) fn unseen() -> Self {
        Self { screen: None, steps: Vec::new() }
    }

    /// Takes a step; its work may move the progress bar.
    pub(super) async fn step<T>(
        &mut self,
        name: &'static str,
        title: &str,
        work: impl AsyncFnOnce(&ProgressBar) -> Result<T>,
    ) -> Result<T> {
        let bar = self.bar(title);
        let start = Instant::now();
        let result = work(&bar).await;
        let took = start.elapsed();
        bar.finish_and_clear();
        let mark = if result.is_ok() { style("✓").green() } else { style("✗").red() };
        let time = style(shown(took)).dim().to_string();
        let room = self.width().saturating_sub(measure_text_width(&time) + 3);
        let title = truncate_str(title, room, "…");
        self.show([format!("{mark} {} {time}", pad_str(&title, room, console::Alignment::Left, None))])?;
        let error = result.as_ref().err().map(|error| format!("{error:#}"));
        let ms = took.as_millis() as u64;
        self.steps.push(Step { name, ok: result.is_ok(), ms, error });
        result
    }

    /// Shows some lines.
    pub(super) fn show(&self, lines: impl IntoIterator<Item = String>) -> io::Result<()> {
        let Some(screen) = &self.screen else { return Ok(()) };
        lines.into_iter().try_for_each(|line| screen.write_line(&line))
    }

    /// Shows a heading above what follows.
    pub(super) fn heading(&self, text: &str) -> io::Result<()> {
        self.show([String::new(), style(text).bold().to_string()])
    }

    /// How wide a line may be.
    pub(super) fn width(&self) -> usize {
        let known = self.screen.as_ref().and_then(Term::size_checked);
        let (_, width) = known.unwrap_or((0, Self::USUAL_WIDTH));
        usize::from(width).min(Self::MAX_WIDTH)
    }

    /// A bar that moves by itself until its work gives it a length. Only a terminal shows it.
    fn bar(&self, title: &str) -> ProgressBar {
        let is_watched = self.screen.as_ref().is_some_and(Term::is_term) && io::stderr().is_terminal();
        if !is_watched {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(ProgressStyle::with_template("{spinner} {msg}").expect("the template is well-formed"));
        bar.set_message(truncate_str(title, self.width().saturating_sub(3), "…").into_owned());
        bar.enable_steady_tick(Self::TICK);
        bar
    }
}

/// Gives a bar a length, so that it shows how far the work is.
pub(super) fn measure(bar: &ProgressBar, length: u64) {
    let template = "{spinner} {wide_bar:.cyan/dim} {human_pos}/{human_len} {eta}";
    bar.set_style(ProgressStyle::with_template(template).expect("the template is well-formed"));
    bar.set_length(length);
}

fn shown(took: Duration) -> String {
    match took.as_millis() {
        ms @ 0..10_000 => format!("{ms:>5} ms"),
        _ => format!("{:>6.1} s", took.as_secs_f64()),
    }
}
