//! English sentences, each with its stop.

use crate::external::ai::offline::grammar::Family::{
    Audience, Benefit, Call, Keyword, Plain, Product, Proof, Question, Story, Urgency,
};
use crate::external::ai::offline::grammar::{Group, any, when};
use crate::external::ai::offline::tone::Tone::{Friendly, Luxurious, Playful, Professional, Urgent};

pub(super) const HOOKS: &[Group] = &[
    any(
        Question,
        &[
            "Ready to {activity}?",
            "Want to {activity}?",
            "Looking for {thing}?",
            "Looking for the right {term}?",
            "Curious what {product} can do for you?",
        ],
    ),
    any(
        Audience,
        &[
            "Made for {audience}.",
            "{name} for {audience}.",
            "Designed for {audience}.",
            "{term} for {audience}.",
            "Meet {product}, made for {audience}.",
            "{name}: {term} for {audience}.",
        ],
    ),
    any(
        Benefit,
        &[
            "{benefit}.",
            "Meet {product}: {benefit}.",
            "{name}: {benefit}.",
            "{action} with {product}.",
            "Enjoy {thing} with {product}.",
        ],
    ),
    any(Product, &["Meet {product}.", "Discover {product}.", "Get to know {product}.", "This is {brand}."]),
    when(Friendly, Product, &["Say hello to {product}.", "Come and meet {product}."]),
    when(Friendly, Question, &["Hi there! Looking for the right {term}?"]),
    when(Professional, Product, &["Introducing {product}."]),
    when(Playful, Question, &["Guess what goes well with your day? {product}."]),
    when(Playful, Product, &["Say hello to {product}!", "Plot twist: {product}."]),
    when(Urgent, Urgency, &["Why wait to {activity}?", "Today is a good day to {activity}."]),
    when(Luxurious, Product, &["Step into the world of {brand}.", "Experience {product}."]),
    any(
        Plain,
        &[
            "Time for something new?",
            "Looking for something that fits your day?",
            "Good things can be simple.",
        ],
    ),
];

pub(super) const BODIES: &[Group] = &[
    any(Story, &["{sentence}"]),
    any(
        Benefit,
        &[
            "{benefit}.",
            "{benefit}. {benefit}.",
            "{benefit}. {benefit}. {benefit}.",
            "Enjoy {thing}.",
            "What you get: {thing}.",
        ],
    ),
    any(
        Keyword,
        &[
            "Find the right {term} for you.",
            "Explore {offer} at your own pace.",
            "It all starts with the right {term}.",
        ],
    ),
    any(Audience, &["Designed for {audience}.", "Made for {audience}."]),
    any(
        Plain,
        &[
            "Take your time, look around and decide for yourself.",
            "Simple to start, easy to enjoy.",
            "See how it fits into your day.",
            "All the details are one click away.",
            "You set the pace.",
            "No fuss, just a clear start.",
        ],
    ),
    when(Friendly, Plain, &["Have a question? Just ask.", "Make yourself at home and have a look around."]),
    when(
        Professional,
        Plain,
        &["Clear information helps you decide.", "Review the details at your own pace."],
    ),
    when(Playful, Plain, &["Your future self says thanks.", "Side effects may include smiling."]),
    when(Urgent, Plain, &["The first step takes a moment.", "Now is a good time to begin."]),
    when(Luxurious, Plain, &["Considered in every detail.", "For those who notice the difference."]),
];

pub(super) const CLOSES: &[Group] = &[
    any(Call, &["{call}."]),
    any(Urgency, &["Try {product} today.", "Get started today.", "Start today."]),
    any(Proof, &["See for yourself.", "Take a closer look.", "See what {product} can do."]),
    any(
        Plain,
        &["Find out more.", "Learn more today.", "See how it works.", "Have a look.", "Discover more."],
    ),
    when(Friendly, Proof, &["Come and see for yourself!", "We'd love to show you.", "Have a look around."]),
    when(Professional, Proof, &["Request the details today.", "See how it fits your plans."]),
    when(Playful, Proof, &["Go on, have a peek!", "Curious? Good."]),
    when(Urgent, Urgency, &["Start now.", "Don't put it off.", "Make your move today."]),
    when(Luxurious, Proof, &["Discover it at your leisure.", "Come closer."]),
];
