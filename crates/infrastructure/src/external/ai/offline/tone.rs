use adstead_domain::BrandVoice;
use adstead_domain::Text;

/// A tone of voice that the grammars have words for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Tone {
    Neutral,
    Friendly,
    Professional,
    Playful,
    Urgent,
    Luxurious,
}

/// What people call the tones, in English and Spanish, by the beginning of the word.
const NAMES: &[(Tone, &[&str])] = &[
    (
        Tone::Friendly,
        &["friend", "warm", "casual", "kind", "welcom", "cercan", "amable", "amigable", "cálid", "calid"],
    ),
    (
        Tone::Professional,
        &["profes", "formal", "serious", "seri", "corporat", "expert", "business", "empresarial"],
    ),
    (
        Tone::Playful,
        &["play", "fun", "humor", "humour", "witty", "quirky", "divert", "jugu", "gracios", "alegre"],
    ),
    (Tone::Urgent, &["urgen", "direct", "bold", "energ", "enérg", "dynamic", "dinám", "audaz"]),
    (Tone::Luxurious, &["lux", "elegan", "premium", "sophist", "sofistic", "exclusiv", "luj", "refin"]),
];

impl Tone {
    /// The first tone that the brand voice names: in its tone, else in its personality, else in its style.
    pub(super) fn of(voice: &BrandVoice) -> Self {
        let tone = voice.tone.iter().map(Text::as_str);
        let personality = voice.personality.iter().map(Text::as_str);
        let style = voice.style.iter().map(Text::as_str);
        tone.chain(personality).chain(style).find_map(Self::named_in).unwrap_or(Self::Neutral)
    }

    fn named_in(text: &str) -> Option<Self> {
        let lower = text.to_lowercase();
        let mut words = lower.split(|c: char| !c.is_alphanumeric());
        words.find_map(|word| {
            let names = |(_, names): &&(Self, &[&str])| names.iter().any(|name| word.starts_with(name));
            NAMES.iter().find(names).map(|(tone, _)| *tone)
        })
    }

    /// Whether the reader is addressed with distance, in languages that have a form for it.
    pub(super) fn is_formal(self) -> bool {
        matches!(self, Self::Professional | Self::Luxurious)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn sounds(tone: &str, expected: Tone) {
        let voice = BrandVoice { tone: Some(tone.parse().unwrap()), ..BrandVoice::default() };
        assert_eq!(Tone::of(&voice), expected, "{tone}");
    }

    #[test]
    fn a_tone_is_known_by_its_names_in_both_languages() {
        sounds("Warm and professional", Tone::Friendly);
        sounds("cercano", Tone::Friendly);
        sounds("profesional", Tone::Professional);
        sounds("a bit quirky", Tone::Playful);
        sounds("lujoso", Tone::Luxurious);
        sounds("urgente", Tone::Urgent);
        sounds("melancholic", Tone::Neutral);
    }

    #[test]
    fn the_personality_stands_in_for_a_tone() {
        let voice = BrandVoice {
            personality: vec!["curious".parse().unwrap(), "elegant".parse().unwrap()],
            ..BrandVoice::default()
        };
        assert_eq!(Tone::of(&voice), Tone::Luxurious);
    }
}
