//! Money: integer micros of one currency, never a float.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::Violation;
use crate::id::shortened;

/// Active currencies by the digits of their minor unit, each group in alphabetical order.
///
/// Source: ISO 4217 List One of 1 January 2026, published by its maintenance agency
/// (<https://www.six-group.com/en/products-services/financial-information/data-standards.html>).
/// What nobody pays for advertising with is left out: funds codes, precious metals, units of account, test codes.
static ACTIVE: [(u8, &[&str]); 3] = [
    (
        0,
        &[
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF",
            "XOF", "XPF",
        ],
    ),
    (
        2,
        &[
            "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BMD", "BND",
            "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CNY", "COP", "CRC", "CUP",
            "CVE", "CZK", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS",
            "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IRR", "JMD", "KES",
            "KGS", "KHR", "KPW", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD",
            "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK",
            "NPR", "NZD", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SBD",
            "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB",
            "TJS", "TMT", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "USD", "UYU", "UZS", "VED", "VES", "WST",
            "XCD", "XCG", "YER", "ZAR", "ZMW", "ZWG",
        ],
    ),
    (3, &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]),
];

/// Codes that people still write, with the one that is meant: retired by ISO 4217, or never a part of it.
static MEANT: [(&str, &str); 12] = [
    ("ANG", "XCG"),
    ("BGN", "EUR"),
    ("CNH", "CNY"),
    ("CUC", "CUP"),
    ("HRK", "EUR"),
    ("NTD", "TWD"),
    ("RMB", "CNY"),
    ("RUR", "RUB"),
    ("SLL", "SLE"),
    ("UKP", "GBP"),
    ("VEF", "VES"),
    ("ZWL", "ZWG"),
];

/// An active currency of ISO 4217, written as its three-letter code.
///
/// ```
/// use adstead_domain::Currency;
///
/// let yen: Currency = "jpy".parse().unwrap();
/// assert_eq!((yen.code(), yen.minor_digits()), ("JPY", 0));
/// let refused = "RMB".parse::<Currency>().unwrap_err();
/// assert_eq!(refused.message(), "\"RMB\" is not an active ISO 4217 currency: did you mean CNY?");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "&'static str")]
pub struct Currency {
    code: &'static str,
    minor_digits: u8,
}

impl Currency {
    /// The US dollar, in which AI providers state their prices.
    pub const USD: Self = Self { code: "USD", minor_digits: 2 };

    /// Every currency that Adstead counts in.
    pub fn all() -> impl Iterator<Item = Self> {
        ACTIVE
            .iter()
            .flat_map(|&(minor_digits, codes)| codes.iter().map(move |&code| Self { code, minor_digits }))
    }

    /// The three-letter code, such as `EUR`.
    pub const fn code(self) -> &'static str {
        self.code
    }

    /// How many decimal digits its minor unit has: 0 (JPY), 2 (USD) or 3 (KWD).
    pub const fn minor_digits(self) -> u8 {
        self.minor_digits
    }

    /// Codes that whoever wrote `text` may have meant. The first two letters of a code are its country's.
    fn meant_by(text: &str) -> Vec<&'static str> {
        if let Some((_, meant)) = MEANT.iter().find(|(retired, _)| retired.eq_ignore_ascii_case(text)) {
            return vec![meant];
        }
        let country = text.get(..2).filter(|_| text.len() <= 4);
        Self::all()
            .map(Self::code)
            .filter(|code| country.is_some_and(|country| code[..2].eq_ignore_ascii_case(country)))
            .collect()
    }
}

impl FromStr for Currency {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        Self::all().find(|currency| currency.code.eq_ignore_ascii_case(text)).ok_or_else(|| {
            let meant = Self::meant_by(text);
            let advice = if meant.is_empty() {
                "use a three-letter code such as USD, EUR or JPY".to_owned()
            } else {
                format!("did you mean {}?", meant.join(" or "))
            };
            Violation::invalid(format!("{:?} is not an active ISO 4217 currency: {advice}", shortened(text)))
        })
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code)
    }
}

impl From<Currency> for &'static str {
    fn from(currency: Currency) -> Self {
        currency.code
    }
}

// Written out: the derive would take `code` for text borrowed from the input.
impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// An amount of one currency in micros, the millionth part of its unit; below zero where something is owed.
///
/// It holds ±9.2 million million units to the micro. `Display` shows the currency's minor unit, and more digits only
/// where they are not zero.
///
/// ```
/// use adstead_domain::{Currency, Money};
///
/// assert_eq!(Money::new(12_500_000, Currency::USD).to_string(), "12.50 USD");
/// assert_eq!(Money::new(-1_234, Currency::USD).to_string(), "-0.001234 USD");
/// assert_eq!(Money::new(980_000_000, "JPY".parse().unwrap()).to_string(), "980 JPY");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    micros: i64,
    currency: Currency,
}

impl Money {
    /// How many micros make one unit of a currency.
    pub const MICROS_PER_UNIT: i64 = 1_000_000;

    /// This many micros of `currency`.
    pub const fn new(micros: i64, currency: Currency) -> Self {
        Self { micros, currency }
    }

    /// Nothing, in `currency`.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The amount in micros.
    pub const fn micros(self) -> i64 {
        self.micros
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The sum of both.
    ///
    /// # Errors
    /// When the currencies differ, or the sum exceeds what an `i64` of micros can hold.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combined(other, i64::checked_add)
    }

    /// What is left of it without `other`.
    ///
    /// # Errors
    /// When the currencies differ, or the difference exceeds what an `i64` of micros can hold.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combined(other, i64::checked_sub)
    }

    fn combined(self, other: Self, combine: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency });
        }
        let micros = combine(self.micros, other.micros).ok_or(MoneyError::Overflow)?;
        Ok(Self { micros, ..self })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_unit = Self::MICROS_PER_UNIT.unsigned_abs();
        let magnitude = self.micros.unsigned_abs();
        let sign = if self.micros < 0 { "-" } else { "" };
        let units = magnitude / per_unit;
        let fraction = format!("{:06}", magnitude % per_unit);
        let significant = fraction.trim_end_matches('0').len();
        let code = self.currency;
        match significant.max(usize::from(code.minor_digits)) {
            0 => write!(f, "{sign}{units} {code}"),
            digits => write!(f, "{sign}{units}.{} {code}", &fraction[..digits]),
        }
    }
}

/// Why two amounts have no sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// They are of different currencies, and Adstead knows no exchange rates.
    #[error("{left} and {right} are different currencies: amounts of one currency alone can be combined")]
    CurrencyMismatch {
        /// The currency of the first amount.
        left: Currency,
        /// The currency of the second amount.
        right: Currency,
    },
    /// The result is beyond ±9.2 million million units.
    #[error("the result exceeds what 64 bits of micros can hold")]
    Overflow,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currencies() -> impl Strategy<Value = Currency> {
        proptest::sample::select(Currency::all().collect::<Vec<_>>())
    }

    /// Amounts of which three can always be added.
    fn micros() -> impl Strategy<Value = i64> {
        i64::MIN / 3..=i64::MAX / 3
    }

    fn refusal(text: &str) -> String {
        text.parse::<Currency>().unwrap_err().message().to_owned()
    }

    #[test]
    fn the_table_is_sorted_and_names_each_currency_once() {
        for (_, codes) in ACTIVE {
            assert!(codes.is_sorted_by(|a, b| a < b));
            assert!(codes.iter().all(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase())));
        }
        let mut codes: Vec<_> = Currency::all().collect();
        let listed = codes.len();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), listed);
        assert_eq!("USD".parse(), Ok(Currency::USD));
    }

    #[test]
    fn a_retired_code_is_refused_and_its_successor_is_named() {
        for (retired, successor) in MEANT {
            assert!(refusal(retired).ends_with(&format!("did you mean {successor}?")), "{retired}");
            assert!(successor.parse::<Currency>().is_ok(), "{successor}");
        }
    }

    #[test]
    fn a_misspelt_code_gets_the_currencies_of_its_country() {
        assert!(refusal("US$").ends_with("did you mean USD?"));
        assert!(refusal("EURO").ends_with("did you mean EUR?"));
        assert!(refusal("CHE").ends_with("did you mean CHF?"));
        assert!(refusal("").ends_with("use a three-letter code such as USD, EUR or JPY"));
        assert!(refusal("€").ends_with("use a three-letter code such as USD, EUR or JPY"));
    }

    #[test]
    fn currencies_travel_as_their_codes() {
        assert_eq!(serde_json::to_string(&Currency::USD).unwrap(), r#""USD""#);
        assert_eq!(serde_json::from_str::<Currency>(r#""usd""#).unwrap(), Currency::USD);
        assert!(serde_json::from_str::<Currency>(r#""XAU""#).is_err());
    }

    #[test]
    fn amounts_show_the_minor_unit_of_their_currency() {
        let shown = |micros, code: &str| Money::new(micros, code.parse().unwrap()).to_string();
        assert_eq!(shown(12_500_000, "USD"), "12.50 USD");
        assert_eq!(shown(12_345_678, "USD"), "12.345678 USD");
        assert_eq!(shown(0, "JPY"), "0 JPY");
        assert_eq!(shown(1_500_000, "JPY"), "1.5 JPY");
        assert_eq!(shown(1_500_000, "KWD"), "1.500 KWD");
        assert_eq!(shown(-500_000, "EUR"), "-0.50 EUR");
        assert_eq!(shown(i64::MIN, "EUR"), "-9223372036854.775808 EUR");
    }

    #[test]
    fn a_sum_of_two_currencies_is_an_error() {
        let (left, right) = (Currency::USD, "EUR".parse().unwrap());
        let mismatch = Err(MoneyError::CurrencyMismatch { left, right });
        assert_eq!(Money::new(1, left).checked_add(Money::new(1, right)), mismatch);
        assert_eq!(Money::new(1, left).checked_sub(Money::new(1, right)), mismatch);
    }

    #[test]
    fn a_sum_beyond_the_range_is_an_error_and_never_wraps() {
        let (most, least, one) = (i64::MAX, i64::MIN, Money::new(1, Currency::USD));
        assert_eq!(Money::new(most, Currency::USD).checked_add(one), Err(MoneyError::Overflow));
        assert_eq!(Money::new(least, Currency::USD).checked_sub(one), Err(MoneyError::Overflow));
    }

    proptest! {
        #[test]
        fn addition_commutes_associates_and_is_undone_by_subtraction(
            a in micros(), b in micros(), c in micros(), currency in currencies(),
        ) {
            let [a, b, c] = [a, b, c].map(|micros| Money::new(micros, currency));
            prop_assert_eq!(a.checked_add(b), b.checked_add(a));
            let left = a.checked_add(b).and_then(|sum| sum.checked_add(c));
            let right = b.checked_add(c).and_then(|sum| a.checked_add(sum));
            prop_assert_eq!(left, right);
            prop_assert_eq!(a.checked_add(b).and_then(|sum| sum.checked_sub(b)), Ok(a));
        }

        #[test]
        fn what_is_shown_is_the_exact_amount(micros: i64, currency in currencies()) {
            let shown = Money::new(micros, currency).to_string();
            let (number, code) = shown.split_once(' ').unwrap();
            prop_assert_eq!(code, currency.code());
            let (units, fraction) = number.split_once('.').unwrap_or((number, ""));
            prop_assert!(fraction.len() >= usize::from(currency.minor_digits()));
            prop_assert_eq!(format!("{units}{fraction:0<6}").parse::<i64>().unwrap(), micros);
        }

        #[test]
        fn any_text_parses_or_is_refused_in_a_readable_line(text: String) {
            if let Err(violation) = text.parse::<Currency>() {
                prop_assert!(violation.message().chars().count() < 1_000);
            }
        }
    }
}
