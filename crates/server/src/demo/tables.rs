//! Figures as lines of text.

use adstead_domain::{Currency, Metrics, Money};
use console::{Alignment, measure_text_width, pad_str, style, truncate_str};
use jiff::civil::Date;

use super::preview::wrapped;

/// A bar for each day, with its impressions, clicks and spend.
pub(super) fn chart(days: &[(Date, Metrics)], currency: Currency, width: usize) -> Vec<String> {
    let most = days.iter().map(|(_, metrics)| metrics.impressions).max().unwrap_or(0);
    let row = |(date, metrics): &(Date, Metrics)| {
        let figures = format!(
            "{:>7} seen {:>5} clicks {:>11}",
            grouped(metrics.impressions),
            grouped(metrics.clicks),
            money(metrics.spend_micros, currency)
        );
        let day = date.strftime("%a %d %b").to_string();
        let room = width.saturating_sub(measure_text_width(&figures) + measure_text_width(&day) + 2);
        if room < 4 {
            return format!("{day} {}", figures.trim_start());
        }
        let bar = bar(metrics.impressions as f64 / most.max(1) as f64, room);
        format!("{day} {}{figures}", style(pad_str(&bar, room + 1, Alignment::Left, None)).cyan())
    };
    days.iter().map(row).collect()
}

/// One line for each ad: its name and its figures.
pub(super) fn ads(rows: &[(String, Metrics)], currency: Currency, width: usize) -> Vec<String> {
    let row = |(name, metrics): &(String, Metrics)| {
        let share = |share: Option<f64>| {
            share.map_or_else(|| "–".to_owned(), |share| format!("{:.2} %", share * 100.0))
        };
        let cost =
            |micros: Option<i64>| micros.map_or_else(|| "–".to_owned(), |micros| money(micros, currency));
        let figures = format!(
            "CTR {:>7}  CPC {:>9}  CVR {:>7}",
            share(metrics.ctr()),
            cost(metrics.cpc_micros()),
            share(metrics.cvr())
        );
        let room = width.saturating_sub(measure_text_width(&figures) + 1).max(8);
        format!("{} {figures}", pad_str(&truncate_str(name, room, "…"), room, Alignment::Left, None))
    };
    rows.iter().map(row).collect()
}

/// A name and what is said of it, in two columns.
pub(super) fn facts(facts: &[(&str, String)], width: usize) -> Vec<String> {
    let first = facts.iter().map(|(name, _)| measure_text_width(name)).max().unwrap_or(0) + 2;
    let entry = |(name, fact): &(&str, String)| {
        let lines = wrapped(fact, width.saturating_sub(first));
        let names = std::iter::once(*name).chain(std::iter::repeat(""));
        let line = |(name, line): (&str, String)| {
            format!("{}{line}", style(pad_str(name, first, Alignment::Left, None)).dim())
        };
        names.zip(lines).map(line).collect::<Vec<_>>()
    };
    facts.iter().flat_map(entry).collect()
}

/// An amount to the smallest coin of its currency.
pub(super) fn money(micros: i64, currency: Currency) -> String {
    let coin = Money::MICROS_PER_UNIT / 10_i64.pow(currency.minor_digits().into());
    Money::new((micros + coin / 2).div_euclid(coin) * coin, currency).to_string()
}

/// A count with its thousands set apart.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A bar that fills `share` of `width` columns, to an eighth of a column.
fn bar(share: f64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share.clamp(0.0, 1.0) * width as f64 * 8.0).round() as usize;
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_bar_fills_its_share() {
        assert_eq!([bar(0.0, 4), bar(0.5, 4), bar(1.0, 4), bar(0.28, 4)], ["", "██", "████", "█▏"]);
    }
}
