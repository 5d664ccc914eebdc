"""The names that columns usually have, in English, German, French, Spanish, Portuguese and Italian."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from pipeline.common.patterns import lazily
from pipeline.common.text import normalized

_NAMES = {
    "id": (
        "id article_id articleid oid guid uuid uid _id doc_id docid post_id story_id news_id nid item_id key "
        "identifier identifiant identificador identificativo kennung artikel_id artikelnummer nummer nr "
        "numero codice "
    ),
    "title": (
        "title headline head heading hed web_title title_rendered headlines subject_line subject titel "
        "uberschrift ueberschrift schlagzeile hauptzeile titre intitule manchette titulo titular encabezado "
        "cabecera cabecalho titolo intestazione titolazione "
    ),
    "text": (
        "text body content article article_text full_text fulltext story document body_text maintext "
        "articlebody content_text texts copy plain_text inhalt artikel artikeltext fliesstext volltext "
        "beitrag beitragstext meldung nachricht texte contenu corps texte_integral corps_du_texte "
        "texte_article texto contenido cuerpo articulo noticia nota texto_completo cuerpo_noticia conteudo "
        "corpo artigo materia_texto testo contenuto articolo notizia testo_completo testo_articolo "
        "corpo_testo content_elements blocks paragraphs lead_paragraph "
        "main summary description transcript message abstract "
    ),
    "date": (
        "date published publish_date published_at publication_date pub_date pubdate datetime timestamp "
        "created_at created date_published first_published published_on published_date publication_time "
        "publish_time publish web_publication_date version_created versioncreated first_created issued posted "
        "posted_at posted_on release_date updated_at updated last_modified modified datum veroffentlicht "
        "veroeffentlicht veroffentlicht_am veroeffentlicht_am veroffentlichungsdatum veroeffentlichungsdatum "
        "erschienen erschienen_am erscheinungsdatum publiziert publikationsdatum zeitstempel erstellt "
        "erstellt_am date_de_publication date_publication publie publie_le date_parution parution "
        "date_de_parution fecha fecha_publicacion fecha_de_publicacion publicado publicado_en publicado_em "
        "fecha_alta data_publicacao data_de_publicacao data_pubblicazione data_di_pubblicazione pubblicato "
        "pubblicato_il data dia giorno tag_der_veroffentlichung "
    ),
    "source": (
        "source outlet publisher publication newspaper site feed provider source_name quelle zeitung medium "
        "journal media fuente medio periodico diario fonte veiculo jornal testata giornale "
    ),
    "url": "url link permalink uri web_url weburl href canonical_url source_url adresse lien enlace collegamento",
    "topics": (
        "topics topic labels label tags tag categories category class classes subjects subject section "
        "sections keywords keyword cats themes theme desk desks channel genre genres rubric accept choice "
        "choices target article_section des_facet section_name pillar_name themen thema schlagworte "
        "schlagworter schlagwoerter schlagwort stichworte stichworter kategorien kategorie ressort ressorts "
        "rubrik rubriken sachgebiet sachgebiete sujets sujet thematique thematiques categorie rubrique "
        "rubriques etiquettes etiquette mots_cles mot_cle matiere matieres temas tema categorias categoria "
        "etiquetas etiqueta seccion secciones palabras_clave materia materias assuntos assunto topicos topico "
        "marcadores editoria editorias secao secoes palavras_chave temi argomenti argomento categorie "
        "etichette etichetta sezione sezioni rubrica rubriche parole_chiave materie "
    ),
    "regions": (
        "regions region countries country places place country_code country_codes countrycode countrycodes "
        "locations location geo glocations nations nation geography geo_facet territory territories iso iso2 "
        "iso3 land lander laender staat staaten regionen gebiet gebiete landercode laendercode landercodes "
        "laendercodes landerkurzel orte ort pays code_pays codes_pays lieux lieu pais paises region regiones "
        "lugar lugares codigo_pais codigos_pais ubicacion regiao regioes local locais paese paesi "
        "codice_paese regione regioni nazione nazioni luogo luoghi stato stati "
    ),
    "split": "",
}
USUAL_NAMES: dict[str, tuple[str, ...]] = {
    field: tuple(dict.fromkeys(names.split())) for field, names in _NAMES.items()
}
"""The usual names of each field's column, the more usual first."""

_RANKS = {
    field: {name.replace("_", ""): rank for rank, name in reversed(list(enumerate(names)))}
    for field, names in USUAL_NAMES.items()
}
_BEFORE = frozenset(
    (  # noqa: SIM905
        "post article articles artikel news story item doc document wp web iptc media mediatopic cms page node field "
        "entry main primary full original display dc og schema meta wordpress raw clean cleaned gold true manual "
        "human final all the my our de en fr es pt it html taxonomy tax attr data fields attributes source unsere "
        "notre nuestra x nyt assigned editorial associated related noticia articulo articolo artigo beitrag nachricht "
    ).split()
)
_AFTER = frozenset(
    (  # noqa: SIM905
        "value values html xhtml plain raw clean cleaned text texts main rendered code codes name names list label "
        "labels tag tags iso 2 3 alpha iso2 iso3 alpha2 alpha3 gmt utc time datetime at on en eng english de deu fr "
        "fra es spa pt por it ita am le el em il string str full key keys slug slugs iptc title titles all s array "
        "term terms hierarchy ids webtitle webtitles 0 article artikel news "
    ).split()
)
_INNER = frozenset(
    (  # noqa: SIM905
        "main text basic value values content rendered processed name default plain full raw html en de fr #text title "
        "webtitle _ label labels original "
    ).split()
)
_NAMES_TOO = frozenset(("text", "title", "content"))
_LOCALE = lazily(r"[a-z]{2}[-_][a-z]{2}")
_WORD = lazily(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")


@lru_cache(4096)
def words(name: str) -> tuple[str, ...]:
    """The words of a column's name, without case and accents: `bodyText` and `Body-Text` are `body`, `text`."""
    plain = normalized(name.replace("ß", "ss"), "NFKD")
    return tuple(
        word.lower() for word in _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))
    )


@lru_cache(4096)
def rank(field: str, path: str) -> float | None:
    """How usual the name is for a field's column, 0 the most; None when it is not. A path counts by its last names."""
    steps = [step.partition("=")[2] or step for step in re.split(r"[.\[\]]+", path) if step]
    best = _rank_of(field, words(steps[-1])) if steps else None
    last = steps[-1].lower() if steps else ""
    inner = last in _INNER or bool(_LOCALE.fullmatch(last))
    if len(steps) > 1 and (best is None or inner):
        outer = _rank_of(field, words(steps[-2])) if inner else None
        best = outer if outer is not None or (inner and last not in _NAMES_TOO) else best
    return None if best is None else best + 10 * (len(steps) - 1)


def _rank_of(field: str, given: tuple[str, ...]) -> float | None:
    """By the whole name, else by what is left of it without words that say little."""
    ranks = _RANKS[field]
    for removed in range(len(given)):
        for start in range(removed + 1):
            end = len(given) - removed + start
            kept = "".join(given[start:end])
            if kept in ranks and _BEFORE.issuperset(given[:start]) and _AFTER.issuperset(given[end:]):
                return ranks[kept] + 100.0 * removed
    return None
