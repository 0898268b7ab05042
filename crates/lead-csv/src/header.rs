//! What a column holds, by what stands above it.

/// What a column can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The whole name, or the first where there is a last name.
    Name,
    /// The first name.
    FirstName,
    /// The last name.
    LastName,
    /// A telephone number.
    Phone,
    /// A mobile number, which goes before any other.
    Mobile,
    /// An e-mail address.
    Email,
    /// How far they are.
    Status,
    /// How they came.
    Source,
    /// Labels, with commas or semicolons between them.
    Tags,
    /// Their country.
    Country,
    /// Their time zone.
    Timezone,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::FirstName,
        Self::LastName,
        Self::Phone,
        Self::Mobile,
        Self::Email,
        Self::Status,
        Self::Source,
        Self::Tags,
        Self::Country,
        Self::Timezone,
    ];

    /// What it is called in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Phone => "phone",
            Self::Mobile => "mobile",
            Self::Email => "email",
            Self::Status => "status",
            Self::Source => "source",
            Self::Tags => "tags",
            Self::Country => "country",
            Self::Timezone => "timezone",
        }
    }

    /// What stands above such a column: English, Portuguese, Spanish, French, German, Italian, Dutch,
    /// Polish, Chinese and Japanese, and what Google, Outlook and the like export. Written as
    /// [`plain`] writes it.
    const fn headers(self) -> &'static [&'static str] {
        match self {
            Self::Name => &[
                "name",
                "fullname",
                "displayname",
                "contactname",
                "contact",
                "customer",
                "customername",
                "client",
                "clientname",
                "leadname",
                "nome",
                "nomecompleto",
                "nomecliente",
                "cliente",
                "contato",
                "nombre",
                "nombrecompleto",
                "contacto",
                "nom",
                "nomcomplet",
                "nometprenom",
                "vollstandigername",
                "kunde",
                "kundenname",
                "ansprechpartner",
                "nominativo",
                "naam",
                "volledigenaam",
                "klant",
                "imieinazwisko",
                "姓名",
                "名字",
                "氏名",
                "名前",
                "お名前",
            ],
            Self::FirstName => &[
                "firstname",
                "givenname",
                "forename",
                "primeironome",
                "prenome",
                "primernombre",
                "nombredepila",
                "prenom",
                "vorname",
                "nomedibattesimo",
                "voornaam",
                "imie",
                "名",
            ],
            Self::LastName => &[
                "lastname",
                "surname",
                "familyname",
                "sobrenome",
                "apelido",
                "ultimonome",
                "apellido",
                "apellidos",
                "nomdefamille",
                "nachname",
                "familienname",
                "cognome",
                "achternaam",
                "nazwisko",
                "姓",
                "苗字",
            ],
            Self::Phone => &[
                "phone",
                "phonenumber",
                "phoneno",
                "tel",
                "telephone",
                "telephonenumber",
                "number",
                "phone1",
                "phone1value",
                "homephone",
                "primaryphone",
                "workphone",
                "businessphone",
                "e164",
                "telefone",
                "telefone1",
                "numero",
                "numerodetelefone",
                "fone",
                "telefono",
                "numerodetelefono",
                "telephonefixe",
                "numerodetelephone",
                "telefon",
                "telefonnummer",
                "rufnummer",
                "festnetz",
                "numeroditelefono",
                "telefoon",
                "telefoonnummer",
                "numertelefonu",
                "电话",
                "電話",
                "电话号码",
                "電話番号",
            ],
            Self::Mobile => &[
                "mobile",
                "mobilephone",
                "mobilenumber",
                "mobileno",
                "cell",
                "cellphone",
                "cellnumber",
                "sms",
                "smsnumber",
                "whatsapp",
                "celular",
                "telemovel",
                "movil",
                "telefonomovil",
                "telefonocelular",
                "telefonecelular",
                "portable",
                "telephoneportable",
                "telephonemobile",
                "mobil",
                "handy",
                "handynummer",
                "mobiltelefon",
                "mobilnummer",
                "cellulare",
                "mobiel",
                "mobielenummer",
                "gsm",
                "komorka",
                "telefonkomorkowy",
                "手机",
                "手機",
                "手机号",
                "携帯",
                "携帯電話",
            ],
            Self::Email => &[
                "email",
                "emailaddress",
                "mail",
                "email1",
                "email1value",
                "emailaddress1",
                "primaryemail",
                "correio",
                "correioeletronico",
                "enderecodeemail",
                "correo",
                "correoelectronico",
                "courriel",
                "adresseemail",
                "adressemail",
                "emailadresse",
                "mailadresse",
                "indirizzoemail",
                "posta",
                "emailadres",
                "adresemail",
                "邮箱",
                "電子郵件",
                "电子邮件",
                "メール",
                "メールアドレス",
            ],
            Self::Status => &[
                "status",
                "leadstatus",
                "stage",
                "estado",
                "situacao",
                "statut",
                "stato",
                "状态",
            ],
            Self::Source => &[
                "source",
                "leadsource",
                "origem",
                "origen",
                "fuente",
                "origine",
                "quelle",
                "herkunft",
                "fonte",
                "bron",
                "zrodlo",
                "来源",
            ],
            Self::Tags => &[
                "tags",
                "tag",
                "labels",
                "label",
                "categories",
                "categoria",
                "categorias",
                "etiquetas",
                "etiqueta",
                "marcadores",
                "etiquettes",
                "schlagworte",
                "etichette",
                "etykiety",
                "groupmembership",
                "标签",
                "タグ",
            ],
            Self::Country => &[
                "country",
                "countrycode",
                "pais",
                "codigodopais",
                "pays",
                "codepays",
                "land",
                "landercode",
                "landerkennung",
                "paese",
                "nazione",
                "landcode",
                "kraj",
                "国家",
                "国",
            ],
            Self::Timezone => &[
                "timezone",
                "tz",
                "fusohorario",
                "fuso",
                "zonahoraria",
                "husohorario",
                "fuseauhoraire",
                "zeitzone",
                "fusoorario",
                "tijdzone",
                "strefaczasowa",
                "时区",
            ],
        }
    }

    /// What a column holds, if its header says so.
    #[must_use]
    pub fn of(header: &str) -> Option<Self> {
        let plain = plain(header);
        Self::ALL
            .into_iter()
            .find(|field| field.headers().contains(&plain.as_str()))
    }
}

/// A header in small letters, without accents, blanks and signs.
fn plain(header: &str) -> String {
    let accents = |c: char| match c {
        'à'..='å' => 'a',
        'ç' | 'ć' => 'c',
        'è'..='ë' | 'ę' => 'e',
        'ì'..='ï' => 'i',
        'ñ' | 'ń' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'ł' => 'l',
        'ś' => 's',
        'ź' | 'ż' => 'z',
        'ą' => 'a',
        _ => c,
    };
    header
        .chars()
        .flat_map(char::to_lowercase)
        .map(accents)
        .filter(|c| c.is_alphanumeric())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_many_languages_are_known() {
        for (header, field) in [
            ("Full Name", Field::Name),
            ("NOME COMPLETO", Field::Name),
            ("Vorname", Field::FirstName),
            ("Prénom", Field::FirstName),
            ("Apellidos", Field::LastName),
            ("Phone 1 - Value", Field::Phone),
            ("E-Mail-Adresse", Field::Email),
            ("Telefonnummer", Field::Phone),
            ("Telemóvel", Field::Mobile),
            ("Número de teléfono", Field::Phone),
            ("  mobile_phone ", Field::Mobile),
            ("País", Field::Country),
            ("Fuseau horaire", Field::Timezone),
            ("电话", Field::Phone),
        ] {
            assert_eq!(Field::of(header), Some(field), "{header}");
        }
        for header in ["", "notes", "phone type", "42", "€"] {
            assert_eq!(Field::of(header), None, "{header}");
        }
    }

    #[test]
    fn no_header_means_two_things_and_each_is_written_plainly() {
        let all: Vec<_> = Field::ALL
            .iter()
            .flat_map(|field| field.headers())
            .collect();
        for (n, header) in all.iter().enumerate() {
            assert!(!all[n + 1..].contains(header), "{header}");
            assert_eq!(plain(header), **header);
        }
    }

    #[test]
    fn a_field_is_known_by_its_own_name() {
        for field in Field::ALL {
            assert_eq!(Field::of(field.as_str()), Some(field));
        }
    }
}
