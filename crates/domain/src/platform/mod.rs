//! Where ads run, what kinds of ad there are, and what their copy may look like.
//!
//! [`limits`](fn@limits) finds the one row that governs an ad; [`CopyLimits::check`] holds copy against it.

mod check;
mod count;
mod limits;

pub use check::{Completeness, CopyCheck, Warning};
pub use count::Counting;
pub use limits::{Characters, CopyField, CopyLimits, Limit, LineList, TextField, Unwanted, limits};

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Where an ad runs.
    ///
    /// ```
    /// use adstead_domain::Platform;
    ///
    /// assert_eq!("tiktok".parse(), Ok(Platform::Tiktok));
    /// assert!("myspace".parse::<Platform>().unwrap_err().message().ends_with("linkedin, x, tiktok, youtube"));
    /// ```
    Platform, "a platform" {
        /// Google Ads: Search, Display, Demand Gen and Shopping.
        Google = "google",
        /// Facebook, through Meta Ads.
        Facebook = "facebook",
        /// Instagram, through Meta Ads.
        Instagram = "instagram",
        /// LinkedIn Campaign Manager.
        Linkedin = "linkedin",
        /// X Ads.
        X = "x",
        /// TikTok Ads Manager.
        Tiktok = "tiktok",
        /// YouTube, through Google Ads.
        Youtube = "youtube",
    }
}

vocabulary! {
    /// What kind of ad it is.
    AdType, "an ad type" {
        /// Words alone, or words that go with what the platform shows anyway.
        Text = "text",
        /// One picture.
        Image = "image",
        /// One film.
        Video = "video",
        /// Several cards to leaf through.
        Carousel = "carousel",
        /// A full screen between people's stories.
        Story = "story",
        /// A short upright film between people's reels.
        Reels = "reels",
        /// One product of a catalogue.
        Shopping = "shopping",
        /// Put together by the platform for each viewer.
        Dynamic = "dynamic",
    }
}

impl Platform {
    /// The types of ad that it offers.
    pub fn ad_types(self) -> impl Iterator<Item = AdType> {
        limits::rows(self).map(|row| row.ad_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_as_what_it_names() {
        for &platform in Platform::ALL {
            assert_eq!(platform.to_string().parse(), Ok(platform));
            let json = serde_json::to_string(&platform).unwrap();
            assert_eq!(json, format!("\"{platform}\""));
            assert_eq!(serde_json::from_str::<Platform>(&json).unwrap(), platform);
        }
        for &ad_type in AdType::ALL {
            assert_eq!(ad_type.to_string().parse(), Ok(ad_type));
        }
    }

    #[test]
    fn a_wrong_name_is_answered_with_the_right_ones() {
        let error = "banner".parse::<AdType>().unwrap_err();
        assert_eq!(
            error.message(),
            "\"banner\" is not an ad type: use one of \
             text, image, video, carousel, story, reels, shopping, dynamic"
        );
        let error = serde_json::from_str::<Platform>("\"Google\"").unwrap_err();
        assert!(error.to_string().contains("use one of google, facebook, instagram"), "{error}");
    }
}
