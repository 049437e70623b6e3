//! What somebody who mistyped a name probably meant.

/// Names less alike than this are no hint but noise.
const ALIKE_ENOUGH: f64 = 0.6;

/// The candidate most like `name`, where one is alike enough.
///
/// The last part of a dotted key counts for itself too, so a key under the wrong section finds its own.
pub(crate) fn nearest<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let last_part = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let likeness = |candidate: &str| {
        let whole = strsim::normalized_damerau_levenshtein(name, candidate);
        let part = strsim::normalized_damerau_levenshtein(&last_part(name), &last_part(candidate));
        whole.max(0.9 * part)
    };
    candidates
        .iter()
        .map(|candidate| (likeness(candidate), *candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE_ENOUGH)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

/// The question that an error ends with.
pub(crate) fn did_you_mean(name: &str, candidates: &[&str]) -> Option<String> {
    nearest(name, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Option<&str>) {
        let candidates = ["api.bind", "api.max_body", "database.url", "cache.ads_ttl"];
        assert_eq!(nearest(name, &candidates), expected, "{name}");
    }

    #[test]
    fn the_nearest_name_is_found_by_its_spelling_or_by_its_last_part() {
        check("api.bnid", Some("api.bind"));
        check("databse.url", Some("database.url"));
        check("bind", Some("api.bind"));
        check("server.bind", Some("api.bind"));
        check("cache.ad_ttl", Some("cache.ads_ttl"));
    }

    #[test]
    fn a_name_like_no_other_has_no_nearest() {
        check("telephone.number", None);
    }
}
