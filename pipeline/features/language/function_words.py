"""The most frequent function words of languages, which tell close relatives apart."""

from __future__ import annotations

_LISTS = {
    "en": "the of to and a in is it for that on was with as at by from be has have are he she his its this which not "
    "but they",
    "de": "der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er "
    "hat dass sie nach bei wird um am sind noch wie einem einer",
    "fr": "le la les de des du et en un une que est pour dans qui par sur pas au plus avec ce il sont aux ont été "
    "cette se ne mais ou leur ses son sa à",
    "es": "el la los las de del y en un una que es por con para no se su al lo como más o sus ha han este esta pero "
    "desde entre hasta fue ser",
    "it": "il lo la i gli le di del della dei delle e in un una che è per con non si da dal dalla al alla ha sono "
    "come più anche nel nella ma hanno stato suo",
    "pt": "o a os as de do da dos das e em um uma que é por com para não se ao no na nos nas mais como foi sua seu "
    "pelo pela são também até está",
    "tr": "ve bir bu da de ile için olarak daha çok en olan gibi kadar sonra ise ancak göre ne o var oldu olduğu "
    "tarafından her iki üzerine bin yüzde",
    "nl": "de het een van en in is dat op te zijn voor met die niet aan er om ook als naar bij uit heeft worden "
    "wordt maar",
    "sv": "och att det som en på är av för med till den har de inte om ett var från sig men",
    "da": "og at det som en på er af for med til den har de ikke om et var fra sig men blev",
    "no": "og at det som en på er av for med til den har de ikke om et var fra seg men ble",
    "fi": "ja on ei että se oli hän joka myös ovat mutta kun kuin sekä jo vain mukaan",
    "pl": "i w z na do że się nie jest o po to za od przez dla jak oraz był są ale jego",
    "cs": "a v se na je že s z do o i k za by jako po pro ve byl jsou ale podle",
    "sk": "a v sa na je že s z do o i k za by ako po pre vo bol sú ale podľa",
    "hu": "a az és hogy nem is egy ez volt meg csak de van már mint még azt el",
    "ro": "și în de la cu a pe nu că din pentru care o un este au mai fost sunt prin",
    "hr": "i u je na se da za su od s o a koji kao iz do bi što nije će",
    "ca": "el la els les de del i en un una que és per amb no es al dels als més com ha va seu seva",
    "gl": "o a os as de do da dos das e en un unha que é por con para non se ao no na máis como foi súa seu polo",
    "id": "yang dan di dengan untuk dari pada ini itu dalam tidak akan oleh juga telah adalah ke",
    "sw": "ya na wa kwa ni katika la za kuwa hiyo cha huo kwamba alisema baada",
    "az": "və bir bu da də ilə üçün olaraq daha çox ən olan kimi sonra isə",
}
FUNCTION_WORDS = {code: frozenset(words.split()) for code, words in _LISTS.items()}
