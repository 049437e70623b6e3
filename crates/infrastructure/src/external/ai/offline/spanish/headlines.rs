//! Spanish phrases, without a full stop.

use crate::external::ai::offline::grammar::Family::{
    Audience, Benefit, Call, Keyword, Plain, Product, Proof, Question, Urgency,
};
use crate::external::ai::offline::grammar::{Group, any, when};
use crate::external::ai::offline::tone::Tone::{Friendly, Luxurious, Neutral, Playful, Professional, Urgent};

pub(super) const HEADLINES: &[Group] = &[
    any(
        Benefit,
        &[
            "{benefit}",
            "{name}: {benefit}",
            "{benefit} – {name}",
            "{benefit}. {benefit}",
            "{action} con {product}",
            "{thing} con {product}",
            "[Disfruta|Disfrute] de {thing}",
        ],
    ),
    any(
        Keyword,
        &[
            "{keyword}",
            "{term}: {name}",
            "{term} de {brand}",
            "{term} – {benefit}",
            "[Descubre|Descubra] {offer}",
            "[Conoce|Conozca] {offer}",
            "[Explora|Explore] {offer}",
        ],
    ),
    any(
        Audience,
        &[
            "Para {audience}",
            "{name} para {audience}",
            "{term} para {audience}",
            "Pensando en {audience}",
            "Ideal para {audience}",
        ],
    ),
    any(
        Question,
        &[
            "¿[Buscas|Busca] {term}?",
            "¿[Buscas|Busca] {thing}?",
            "¿[Quieres|Quiere] {activity}?",
            "¿[Conoces|Conoce] {product}?",
            "¿Y si [pruebas|prueba] {product}?",
            "¿Por qué {brand}?",
            "¿{term}? {name}",
        ],
    ),
    any(
        Product,
        &[
            "{name}",
            "[Descubre|Descubra] {product}",
            "[Conoce|Conozca] {product}",
            "[Prueba|Pruebe] {product}",
            "[Elige|Elija] {product}",
            "Así es {brand}",
            "Esto es {brand}",
        ],
    ),
    any(Call, &["{call}", "{call}: {name}", "{call} – {benefit}"]),
    any(
        Urgency,
        &[
            "[Empieza|Empiece] hoy con {product}",
            "[Prueba|Pruebe] {product} hoy",
            "[Empieza|Empiece] hoy",
            "¿Por qué no hoy?",
        ],
    ),
    any(
        Proof,
        &[
            "[Pon|Ponga] a prueba {product}",
            "[Compara|Compare] y [decide|decida]",
            "[Compruébalo|Compruébelo]",
            "[Míralo|Mírelo] de cerca",
            "[Ven|Venga] y [juzga|juzgue]",
        ],
    ),
    any(
        Plain,
        &[
            "[Descubre|Descubra] cómo funciona",
            "Más información aquí",
            "A [tu|su] ritmo",
            "A [tu|su] manera",
            "Así de fácil",
            "Sin complicaciones",
            "Claro y sencillo",
            "Fácil desde el principio",
            "Todo a la vista",
            "[Tu|Su] próximo paso",
            "Todo empieza aquí",
            "[Explora|Explore] las opciones",
            "Cuando [quieras|quiera]",
            "Paso a paso",
            "[Conoce|Conozca] los detalles",
            "[Empieza|Empiece] por aquí",
            "¿Por dónde empezar?",
            "[Mira|Mire] todas las opciones",
            "Un buen comienzo",
            "Con todo detalle",
            "[Encuentra|Encuentre] lo que [buscas|busca]",
            "¿Dudas? [Pregunta|Pregunte]",
            "Merece la pena mirar",
            "Algo nuevo para [ti|usted]",
        ],
    ),
    when(
        Neutral,
        Plain,
        &["[Da|Dé] el primer paso", "Bueno es saberlo", "Todo más claro", "Aquí empieza el cambio"],
    ),
    when(
        Friendly,
        Plain,
        &[
            "Qué bien verte por aquí",
            "Ven a conocernos",
            "Un gusto verte",
            "Pasa sin llamar",
            "¿Empezamos?",
            "Vamos paso a paso",
        ],
    ),
    when(
        Professional,
        Plain,
        &[
            "Solicite los detalles",
            "Revise sus opciones",
            "Planifique el próximo paso",
            "Decida con confianza",
            "Valore sus opciones",
            "Un camino claro",
        ],
    ),
    when(
        Playful,
        Plain,
        &[
            "Anda, echa un vistazo",
            "Tu curiosidad te llama",
            "Psst… por aquí",
            "Spoiler: es fácil",
            "Hola, nueva rutina",
            "Date el gusto de mirar",
        ],
    ),
    when(
        Urgent,
        Urgency,
        &[
            "Empieza ahora",
            "No lo dejes para luego",
            "Es tu momento",
            "Da hoy el paso",
            "Ahora es buen momento",
            "¿A qué esperas?",
        ],
    ),
    when(
        Luxurious,
        Plain,
        &[
            "Discreta elegancia",
            "El arte de elegir bien",
            "Cuidado en cada detalle",
            "Con mirada experta",
            "Elegancia con calma",
            "El placer del detalle",
        ],
    ),
    when(Friendly, Product, &["Te presentamos {product}", "Hola, {brand}"]),
    when(Playful, Product, &["Di hola a {brand}", "Hola, {brand}"]),
    when(Professional, Product, &["Le presentamos {product}"]),
    when(Luxurious, Product, &["Viva {product}", "El mundo de {brand}"]),
];

pub(super) const TITLES: &[Group] = &[
    any(Benefit, &["{name} – {benefit}", "{name} – {benefit}, {benefit}", "{name}: {benefit}"]),
    any(Keyword, &["{name} – {keyword}", "{name}, {keyword}", "{name} – {keyword}, {benefit}"]),
    any(Audience, &["{name} para {audience}", "{name} – {term} para {audience}", "{name} – para {audience}"]),
    any(Product, &["{name}"]),
];
