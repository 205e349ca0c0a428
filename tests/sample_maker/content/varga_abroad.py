"""Estate of A. Varga: the documents that are not in English."""

from __future__ import annotations

POWER_GR = """
# Πληρεξούσιο
Η υπογράφουσα Ειρήνη Βάργκας, κάτοικος Αθηνών, διορίζω πληρεξούσιους και αντικλήτους μου τους δικηγόρους της εταιρείας
Harlow Finch LLP, προς τους οποίους παρέχω την εντολή:

- να με εκπροσωπούν στην υπόθεση της κληρονομιάς της αδελφής μου Αλεξάνδρας·
- να παραλαμβάνουν έγγραφα και να υπογράφουν αποδείξεις στο όνομά μου·
- να διορίζουν, με έξοδα της κληρονομιάς, δικηγόρο στην Αθήνα για το διαμέρισμα της οδού Πλατάνων.

Το παρόν ισχύει για δύο έτη και μπορεί να ανακληθεί εγγράφως οποτεδήποτε.

__ Η εντολέας
"""

TRANSLATION_RU = """
Перевод с английского языка

Завещание Александры Варги (выдержка для Николая Варги)

Статья 4. Остаток имущества

После уплаты долгов, налогов и издержек остальное имущество делится поровну между моей сестрой Ириной, моим братом
Николаем и моим племянником Теодором. Если кто-либо из них умрёт раньше меня, его долю получают его дети.

Статья 5. Похороны

Я желаю быть кремированной, без речей.

Примечание переводчика: слово «residue» передано как «остаток имущества»; в тексте завещания оно охватывает также
дом после выезда госпожи Хаддад.
"""

LETTER_RU = """
From: Николай Варга <nikolai@varga.example>
To: Dana Jones <djones@harlow-finch.example>
Subject: Наследство сестры: документы
Date: Wed, 28 Oct 2026 19:31:00 +0300

Уважаемая госпожа Джонс!

Благодарю Вас за письмо и за перевод завещания. Посылаю выписку из метрической книги и список того, что
сестра хранила у меня: ноты, два альбома фотографий и письма отца. Ничего из этого я не хочу продавать.

Письма отца я могу передать для копирования, если мне их вернут. Он писал мелко и по-венгерски, так что
переводчику придётся нелегко.

Прошу Вас сообщить, нужно ли мне приезжать, или достаточно доверенности.

С уважением,
Николай Варга
"""

LIST_RU = """
Предмет | Количество | Примечание
Ноты, рукописные | 31 | в папке
Альбом фотографий | 2 | 1958 и 1963
Письма отца | 114 | по годам
"""

LEASE_AR = """
عقد إيجار

الطرف الأول: السيدة ألكسندرا فارغا، مالكة المخزن الكائن في شارع الميناء.
الطرف الثاني: السيدة سميرة حداد.

أولاً: يؤجر الطرف الأول للطرف الثاني المخزن المذكور لمدة سنة واحدة قابلة للتجديد.
ثانياً: الأجرة مئتا جنيه في الشهر، تدفع في اليوم الأول من كل شهر.
ثالثاً: يتعهد الطرف الثاني بالمحافظة على المخزن وإعادته بحالته عند انتهاء المدة.
رابعاً: لا يجوز التأجير من الباطن إلا بموافقة خطية.

حرر هذا العقد من نسختين، لكل طرف نسخة.
"""

FACTS_FR = """
@ Étude Sorbier et Vauclin, notaires
# Résumé des faits
La défunte était titulaire, depuis 1994, d'un compte de dépôt ouvert auprès du Crédit du Confluent. Le solde s'élevait,
au jour du décès, à 41 350 euros. Une procuration avait été donnée à son neveu, qui ne s'en est jamais servi.

La banque demande, pour clôturer le compte, un certificat d'hérédité ou l'équivalent anglais, traduit par un
traducteur assermenté. Elle retient provisoirement la moitié du solde jusqu'au règlement de l'impôt.

Nous proposons de déposer la déclaration de succession avant la fin du mois de janvier, afin d'éviter les intérêts de
retard. L'exonération entre frères et soeurs ne s'applique pas, faute de domicile commun.

| Pièce | Reçue |
| Acte de décès | oui |
| Testament et codicille, traduits | non |
| Attestation de la banque | oui |
"""

SURVEY_DE = """
@ Ingenieurbüro Überlinger und Söhne
# Gutachten über die Wärmedämmung
Das Haus an den Belvedere Steps wurde am 3. November besichtigt. Beauftragt sind wir von den Testamentsvollstreckern,
da der Neffe der Verstorbenen das Haus nach schwedischem Vorbild dämmen lassen möchte.

## Befund
Die Außenwände bestehen aus zweischaligem Mauerwerk ohne Dämmung. Das Dach ist neu, aber nur mit 80 mm gedämmt. Die
Fenster der Seeseite schließen nicht dicht; bei Westwind war ein Luftzug deutlich zu spüren.

## Maßnahmen
| Bauteil | Maßnahme | Kosten in GBP |
| Außenwand | Einblasdämmung im Hohlraum | 6.800 |
| Dach | Aufdopplung auf 220 mm | 9.400 |
| Fenster Seeseite | Austausch | 11.900 |

Wir raten, mit den Fenstern zu beginnen. Die Einblasdämmung setzt voraus, dass der Hohlraum trocken ist; das wäre im
Frühjahr zu prüfen.
"""

MINUTES_FR = """
# Procès-verbal de la réunion de famille
Tenue par visioconférence. Présents : Mme Irini Vargas, M. Nikolai Varga, M. Theodor Lindqvist ; pour l'étude, Mme Dana
Jones et Me Vauclin.

## Maison
Chacun se dit d'accord pour que Mme Haddad y demeure. M. Lindqvist souhaite faire remplacer les fenêtres avant l'hiver.
La dépense sera avancée par la succession, sauf opposition écrite dans les quinze jours.

## Appartement d'Athènes
Mme Vargas désire le garder et le faire imputer sur sa part. Une estimation sera demandée à un expert du lieu.

## Lettres
M. Varga garde les lettres. Des copies seront remises à qui en fera la demande. Aucune publication sans l'accord de
tous.

La séance est levée à midi.
"""

LETTERS_FR = """
From: Maître Élodie Vauclin <e.vauclin@sorbier-vauclin.example>
To: Dana Jones <djones@harlow-finch.example>
Subject: Succession Varga : déclaration et intérêts de retard
Date: Mon, 09 Nov 2026 15:12:00 +0100
Html: yes

Chère Maître,

La banque a confirmé le solde au jour du décès. Il nous manque toujours la traduction du testament et du codicille ;
sans elle, nous ne pouvons pas déposer la déclaration.

Le délai expire fin janvier. Passé cette date, l'intérêt est de 0,20 pour cent par mois. Ce n'est pas un drame, mais
ce serait dommage.

Je joins l'attestation de la banque.

Bien à vous,
Élodie Vauclin
"""

ATTESTATION = """
@ Crédit du Confluent
# Attestation de solde
Nous attestons que le compte de dépôt ouvert au nom de Mme Alexandra Varga présentait, au jour de son décès, un solde
créditeur de 41 350,00 euros. Aucun coffre n'est loué à son nom, et aucun crédit n'est en cours.

La présente est délivrée à la demande de l'étude Sorbier et Vauclin, pour servir ce que de droit.

__ Le directeur d'agence
"""

LONG_NAME = (
    "Correspondance avec l'étude Sorbier et Vauclin au sujet du compte de dépôt, de la procuration jamais utilisée, de "
    "la déclaration de succession et des intérêts de retard (échanges complets, août à novembre).eml"
)
