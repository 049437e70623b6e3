//! Spanish: sentences without gender or number where a name of unknown gender and number stands. `[tú|usted]` forms.

mod headlines;
mod sentences;

use super::grammar::{Grammar, Words};

pub(super) const GRAMMAR: Grammar = Grammar {
    headlines: headlines::HEADLINES,
    titles: headlines::TITLES,
    hooks: sentences::HOOKS,
    bodies: sentences::BODIES,
    closes: sentences::CLOSES,
    buttons: &["Más información", "Ver detalles", "Saber más", "Empezar", "Ver más"],
    shop_buttons: &["Comprar", "Ver producto", "Ver detalles", "Ver más"],
    words: WORDS,
    has_title_case: false,
};

const WORDS: Words = Words {
    imperatives: &[
        "ahorra",
        "ahórrate",
        "aprende",
        "comparte",
        "conecta",
        "conoce",
        "consigue",
        "controla",
        "convierte",
        "crea",
        "cuida",
        "descubre",
        "desconecta",
        "disfruta",
        "duerme",
        "elige",
        "encuentra",
        "evita",
        "habla",
        "llega",
        "mantén",
        "mejora",
        "olvida",
        "olvídate",
        "organiza",
        "prepara",
        "protege",
        "recibe",
        "reduce",
        "respira",
        "siente",
        "simplifica",
        "viaja",
        "vive",
    ],
    infinitives: &[
        "ahorrar",
        "aprender",
        "comer",
        "compartir",
        "conectar",
        "conocer",
        "conseguir",
        "controlar",
        "crear",
        "cuidar",
        "dejar",
        "descansar",
        "descubrir",
        "desconectar",
        "disfrutar",
        "dormir",
        "elegir",
        "encontrar",
        "evitar",
        "hablar",
        "llegar",
        "mantener",
        "mejorar",
        "organizar",
        "preparar",
        "proteger",
        "recibir",
        "reducir",
        "respirar",
        "sentir",
        "simplificar",
        "tener",
        "trabajar",
        "viajar",
        "vivir",
    ],
    things: &[
        "-aje",
        "-ción",
        "-ciones",
        "-dad",
        "-miento",
        "-sión",
        "acceso",
        "asesoría",
        "clases",
        "descuentos",
        "devoluciones",
        "entrega",
        "entregas",
        "envío",
        "envíos",
        "garantía",
        "granos",
        "horarios",
        "ingredientes",
        "más",
        "materiales",
        "menos",
        "pago",
        "pagos",
        "precios",
        "producto",
        "productos",
        "prueba",
        "sabor",
        "soporte",
    ],
    not_after_things: &["", "e", "o", "que", "u", "y"],
    askers: &[
        "al", "cómo", "comprar", "cuál", "cuándo", "cuánto", "dónde", "el", "la", "las", "los", "mejor",
        "mejores", "mi", "mis", "para", "qué", "tu", "tus", "un", "una",
    ],
    openers: &[
        "bolsos",
        "café",
        "camisetas",
        "clases",
        "curso",
        "cursos",
        "joyas",
        "la",
        "las",
        "los",
        "el",
        "muebles",
        "productos",
        "ropa",
        "servicio",
        "servicios",
        "suscripción",
        "taller",
        "talleres",
        "tienda",
        "viajes",
        "zapatillas",
        "zapatos",
    ],
    proper: &[],
    joints: &["con", "desde", "entre", "mayores", "para", "por", "que"],
    before_audience: &["para ", "a "],
    object: with_possessive,
};

/// `nuestras zapatillas`, where the ending of the first word tells its gender and number; else the words alone.
fn with_possessive(name: &str) -> String {
    const MASCULINE_IN_A: &[&str] =
        &["clima", "idioma", "mapa", "problema", "programa", "sistema", "tema", "día"];
    const FEMININE_IN_O: &[&str] = &["foto", "mano", "moto"];
    let noun = name.split_whitespace().next().unwrap_or_default().to_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| noun.ends_with(ending));
    let possessive = match noun.as_str() {
        noun if MASCULINE_IN_A.contains(&noun) => "nuestro ",
        noun if FEMININE_IN_O.contains(&noun) => "nuestra ",
        "nuestro" | "nuestra" | "nuestros" | "nuestras" | "el" | "la" | "los" | "las" => "",
        _ if ends(&["as", "ciones", "siones", "dades"]) => "nuestras ",
        _ if ends(&["os", "ores", "ajes"]) => "nuestros ",
        _ if ends(&["a", "ción", "sión", "dad"]) => "nuestra ",
        _ if ends(&["o", "or", "ol", "al", "aje", "ón", "ín"]) => "nuestro ",
        _ => "",
    };
    format!("{possessive}{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_possessive_agrees_with_its_noun_where_that_can_be_told() {
        let cases = [
            ("zapatillas de running", "nuestras zapatillas de running"),
            ("curso de Python", "nuestro curso de Python"),
            ("suscripción de café", "nuestra suscripción de café"),
            ("colchón", "nuestro colchón"),
            ("programa de fidelidad", "nuestro programa de fidelidad"),
            ("café de especialidad", "café de especialidad"),
        ];
        for (name, expected) in cases {
            assert_eq!(with_possessive(name), expected);
        }
    }
}
