//! Whatever a file is called, its sanitised name is one, and stays as it is.

#![no_main]

use adstead_domain::AssetName;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let name = AssetName::sanitised(text);
    assert_eq!(name.as_str().parse(), Ok(name.clone()), "{text:?}");
    assert_eq!(AssetName::sanitised(name.as_str()), name);
});
