//! Spanish sentences, each with its stop.

use crate::external::ai::offline::grammar::Family::{
    Audience, Benefit, Call, Keyword, Plain, Product, Proof, Question, Story, Urgency,
};
use crate::external::ai::offline::grammar::{Group, any, when};
use crate::external::ai::offline::tone::Tone::{Friendly, Luxurious, Playful, Professional, Urgent};

pub(super) const HOOKS: &[Group] = &[
    any(
        Question,
        &[
            "¿[Buscas|Busca] {term}?",
            "¿[Buscas|Busca] {thing}?",
            "¿[Quieres|Quiere] {activity}?",
            "¿[Conoces|Conoce] {product}?",
            "¿Y si [pruebas|prueba] {product}?",
        ],
    ),
    any(
        Audience,
        &[
            "{name} para {audience}.",
            "Pensando en {audience}.",
            "{term} para {audience}.",
            "[Descubre|Descubra] {product}, ideal para {audience}.",
            "{name}: {term} para {audience}.",
        ],
    ),
    any(
        Benefit,
        &[
            "{benefit}.",
            "[Descubre|Descubra] {product}: {benefit}.",
            "{name}: {benefit}.",
            "{action} con {product}.",
            "[Disfruta|Disfrute] de {thing} con {product}.",
        ],
    ),
    any(Product, &["[Descubre|Descubra] {product}.", "[Conoce|Conozca] {product}.", "Así es {brand}."]),
    when(Friendly, Product, &["Te presentamos {product}.", "Ven a conocer {product}."]),
    when(Friendly, Question, &["¡Hola! ¿Buscas {term}?"]),
    when(Professional, Product, &["Le presentamos {product}."]),
    when(Playful, Product, &["¡Di hola a {brand}!", "Giro inesperado: {product}."]),
    when(Urgent, Urgency, &["¿Por qué esperar para {activity}?", "Hoy es buen día para {activity}."]),
    when(Luxurious, Product, &["Entre en el mundo de {brand}.", "Viva {product}."]),
    any(
        Plain,
        &["¿[Buscas|Busca] algo distinto?", "Lo bueno puede ser sencillo.", "¿[Te|Le] apetece algo nuevo?"],
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
            "[Disfruta|Disfrute] de {thing}.",
            "Lo que [te llevas|se lleva]: {thing}.",
        ],
    ),
    any(Keyword, &["[Descubre|Descubra] {offer} con calma.", "[Explora|Explore] {offer} a [tu|su] ritmo."]),
    any(Audience, &["Pensando en {audience}.", "Ideal para {audience}."]),
    any(
        Plain,
        &[
            "[Tómate|Tómese] [tu|su] tiempo, [compara|compare] y [decide|decida].",
            "Fácil de empezar, fácil de disfrutar.",
            "Todos los detalles, a un clic.",
            "[Tú marcas|Usted marca] el ritmo.",
            "Sin complicaciones y con las cosas claras.",
            "[Mira|Mire] cómo encaja en [tu|su] día a día.",
        ],
    ),
    when(
        Friendly,
        Plain,
        &["¿Tienes dudas? Pregunta sin compromiso.", "Pasa, mira y pregunta lo que quieras."],
    ),
    when(Professional, Plain, &["Información clara para decidir bien.", "Revise los detalles a su ritmo."]),
    when(Playful, Plain, &["Puede causar sonrisas.", "Tu yo del futuro te da las gracias."]),
    when(Urgent, Plain, &["El primer paso lleva un momento.", "Ahora es buen momento para empezar."]),
    when(Luxurious, Plain, &["Cuidado en cada detalle.", "Para quien aprecia la diferencia."]),
];

pub(super) const CLOSES: &[Group] = &[
    any(Call, &["{call}."]),
    any(
        Urgency,
        &["[Prueba|Pruebe] {product} hoy.", "[Empieza|Empiece] hoy.", "[Da|Dé] hoy el primer paso."],
    ),
    any(
        Proof,
        &["[Compruébalo|Compruébelo].", "[Míralo|Mírelo] de cerca.", "[Pon|Ponga] a prueba {product}."],
    ),
    any(
        Plain,
        &[
            "[Descubre|Descubra] más.",
            "[Infórmate|Infórmese] hoy.",
            "[Descubre|Descubra] cómo funciona.",
            "[Echa|Eche] un vistazo.",
        ],
    ),
    when(Friendly, Proof, &["¡Ven a verlo!", "Nos encantará enseñártelo.", "Pásate y echa un vistazo."]),
    when(Professional, Proof, &["Solicite más información.", "Consulte los detalles."]),
    when(Playful, Proof, &["¡Anda, echa un vistazo!", "¿Curiosidad? Perfecto."]),
    when(Urgent, Urgency, &["Empieza ahora.", "No lo dejes para luego.", "Da el paso hoy."]),
    when(Luxurious, Proof, &["Descúbralo con calma.", "Acérquese."]),
];
