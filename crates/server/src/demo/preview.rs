//! Ads as a person would meet them, drawn with lines.

use console::{Alignment, measure_text_width, pad_str, style, truncate_str};

/// An ad as the API tells it.
pub(super) struct Copy {
    pub(super) headlines: Vec<String>,
    pub(super) descriptions: Vec<String>,
    pub(super) call_to_action: Option<String>,
}

/// A responsive search ad on a page of results, which joins three headlines and two descriptions.
pub(super) fn search_ad(title: &str, host: &str, copy: &Copy, width: usize) -> Vec<String> {
    let room = inner(width);
    let headline = copy.headlines.iter().take(3).cloned().collect::<Vec<_>>().join(" | ");
    let text = copy.descriptions.iter().take(2).cloned().collect::<Vec<_>>().join(" ");
    let mut lines = vec![format!("{} {host}", style("Sponsored ·").bold())];
    lines.extend(wrapped(&headline, room).into_iter().map(|line| style(line).blue().bold().to_string()));
    lines.extend(wrapped(&text, room));
    let spare = copy.headlines.iter().skip(3).map(String::as_str).collect::<Vec<_>>().join(" · ");
    if !spare.is_empty() {
        let spare = wrapped(&format!("also: {spare}"), room);
        lines.extend(spare.into_iter().map(|line| style(line).dim().to_string()));
    }
    boxed(title, &lines, width)
}

/// An image ad in a feed: the primary text, the picture, then headline, button and link description.
pub(super) fn feed_ad(title: &str, brand: &str, host: &str, copy: &Copy, width: usize) -> Vec<String> {
    let room = inner(width);
    let nothing = String::new();
    let mut texts = copy.descriptions.iter();
    let primary = texts.next().unwrap_or(&nothing);
    let button = copy.call_to_action.as_ref().map_or_else(String::new, |words| format!("[ {words} ]"));
    let headline_room = room.saturating_sub(measure_text_width(&button) + 1);
    let mut lines = vec![format!("{} · Publicidad", style(brand).bold())];
    lines.extend(wrapped(primary, room));
    lines.extend([3, 6, 9].map(|peak| style(hills(room, peak)).yellow().to_string()));
    lines.push(style(host.to_uppercase()).dim().to_string());
    let mut headline = wrapped(copy.headlines.first().unwrap_or(&nothing), headline_room).into_iter();
    let first =
        pad_str(&headline.next().unwrap_or_default(), headline_room, Alignment::Left, None).into_owned();
    lines.push(format!("{} {}", style(first).bold(), style(button).reverse()));
    lines.extend(headline.map(|line| style(line).bold().to_string()));
    lines.extend(texts.next().map_or_else(Vec::new, |text| wrapped(text, room)));
    boxed(title, &lines, width)
}

/// Words in lines of at most `room` columns; a word that is longer stands alone and is cut.
pub(super) fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let word = truncate_str(word, room, "…");
        match lines.last_mut() {
            Some(line) if measure_text_width(line) + 1 + measure_text_width(&word) <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word.into_owned()),
        }
    }
    lines
}

/// Lines inside a frame with a title.
fn boxed(title: &str, lines: &[String], width: usize) -> Vec<String> {
    let room = inner(width);
    let title = truncate_str(title, room.saturating_sub(2), "…");
    let rule = "─".repeat(room.saturating_sub(measure_text_width(&title) + 1));
    let top = format!("╭─ {title} {rule}╮");
    let middle = lines.iter().map(|line| {
        let line = truncate_str(line, room, "…");
        format!("│ {} │", pad_str(&line, room, Alignment::Left, None))
    });
    let bottom = format!("╰{}╯", "─".repeat(room + 2));
    [top].into_iter().chain(middle).chain([bottom]).collect()
}

/// What fits between the sides of a frame.
fn inner(width: usize) -> usize {
    width.saturating_sub(4).clamp(16, 72)
}

/// One row of a landscape: the higher the row, the less of it is land.
fn hills(room: usize, peak: usize) -> String {
    let is_land = |column: usize| (column * 7 / 5 + column / 9) % 17 < peak + column % 3;
    (0..room).map(|column| if is_land(column) { '▒' } else { '░' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy() -> Copy {
        Copy {
            headlines: vec![
                "Fresh coffee by post".into(),
                "Roasted on Monday".into(),
                "Try a first bag".into(),
            ],
            descriptions: vec!["Single farms, roasted each Monday. Free delivery from two bags on.".into()],
            call_to_action: Some("Shop now".into()),
        }
    }

    #[test]
    fn every_line_of_a_box_is_as_wide_as_its_frame_also_on_a_narrow_terminal() {
        for width in [24, 40, 80, 200] {
            for lines in [
                search_ad("Google", "example.com", &copy(), width),
                feed_ad(
                    "Facebook, in a feed that is told at some length",
                    "Alba",
                    "example.com",
                    &copy(),
                    width,
                ),
            ] {
                let widths: Vec<_> = lines.iter().map(|line| measure_text_width(line)).collect();
                assert!(widths.iter().all(|w| *w == widths[0] && *w <= width), "{widths:?}");
            }
        }
    }

    #[test]
    fn words_are_wrapped_and_never_lost() {
        let lines = wrapped("one two three four", 9);
        assert_eq!(lines, ["one two", "three", "four"]);
    }
}
