import GatewayText

extension SampleLetter {
    /// The values of the sample in one language.
    struct Words {
        var sender: String
        var senderAddress: String
        var addressee: String
        var addresseeAddress: String
        var subject: String
        var treaty: String
        var reason: String
        var article: String
        var caseHeading: String
        var caseText: String
        var factsHeading: String
        var facts: String
        var personsHeading: String
        var status: String
        var birthPlace: String
        var citizenship: String
        var assistanceHeading: String
        var assistance: [String]
        var dataHeading: String
        var data: [(String, String)]
        var useLimit: String
        var attachments: [String]
        var signer: String
        var position: String
        var officer: String

        static func of(_ language: Language) -> Words {
            switch language {
            case .english: english
            case .russian: russian
            case .kazakh: kazakh
            case .chinese: chinese
            }
        }

        private static let english = Words(
            sender: "General Prosecutor’s Office of the Republic of Kazakhstan",
            senderAddress: "14 Mangilik El Avenue, Astana 010000",
            addressee: "General Prosecutor’s Office of the Kyrgyz Republic",
            addresseeAddress: "39 Erkindik Boulevard, Bishkek 720040",
            subject: "Criminal case No. 237100121000456 on fraud by means of an information system",
            treaty:
                "Agreement on Cooperation in Combating Offences related to Computer Information, Minsk, 1 June 2001",
            reason: "detention of the suspect ends on 10 January 2027",
            article: "art. 6 (2) (c)",
            caseHeading: "Case and stage of the proceedings",
            caseText: "Criminal case No. 237100121000456, pre-trial investigation.",
            factsHeading: "Summary of the facts",
            facts: """
                Between 3 March and 17 August 2026 persons unknown obtained access to the accounts of 214 clients of a bank \
                in Almaty and transferred 386,400,000 tenge to electronic wallets.
                The investigation established that the server at 203.0.113.24, port 44321, from which the accounts were \
                reached, is operated by a provider in Bishkek.
                """,
            personsHeading: "Persons concerned",
            status: "suspect",
            birthPlace: "Almaty, Republic of Kazakhstan",
            citizenship: "Republic of Kazakhstan",
            assistanceHeading: "Assistance sought",
            assistance: [
                "Obtain from the provider the subscriber information for the address named in section 5.",
                "Obtain the connection logs of that address for the period named in section 5.",
                "Make a forensic image of the server’s storage with its SHA-256 and hand over a certified copy.",
            ],
            dataHeading: "Data and identifiers",
            data: [
                ("IP address and port", "203.0.113.24:44321"),
                ("Period", "2026-03-03 00:00 to 2026-08-17 23:59, UTC+05:00"),
                ("Provider", "Ala-Too Hosting LLC, Bishkek"),
            ],
            useLimit: "The materials will be used only in the criminal case named above.",
            attachments: [
                "Text of article 190 of the Criminal Code of the Republic of Kazakhstan",
                "Decision of the investigating judge of 18 November 2026, certified copy",
            ],
            signer: "A. S. Seitkali",
            position: "Deputy Prosecutor General of the Republic of Kazakhstan",
            officer: "D. Akhmetova"
        )

        private static let russian = Words(
            sender: "Генеральная прокуратура Республики Казахстан",
            senderAddress: "010000, г. Астана, проспект Мәңгілік Ел, 14",
            addressee: "Генеральная прокуратура Кыргызской Республики",
            addresseeAddress: "720040, г. Бишкек, бульвар Эркиндик, 39",
            subject: "Уголовное дело № 237100121000456 о мошенничестве с использованием информационной системы",
            treaty: """
                Соглашение о сотрудничестве в борьбе с преступлениями в сфере компьютерной информации, Минск, 1 июня 2001 г.
                """,
            reason: "срок содержания подозреваемого под стражей истекает 10 января 2027 г.",
            article: "ст. 6, ч. 2, п. «в»",
            caseHeading: "Наименование дела и стадия производства",
            caseText: "Уголовное дело № 237100121000456, досудебное расследование.",
            factsHeading: "Изложение обстоятельств дела",
            facts: """
                В период с 3 марта по 17 августа 2026 г. неустановленные лица получили доступ к счетам 214 клиентов банка в \
                г. Алматы и перевели 386 400 000 тенге на электронные кошельки.
                Расследованием установлено, что сервер с адресом 203.0.113.24, порт 44321, с которого осуществлялся доступ \
                к счетам, обслуживается провайдером в г. Бишкеке.
                """,
            personsHeading: "Сведения о лицах",
            status: "подозреваемый",
            birthPlace: "г. Алматы, Республика Казахстан",
            citizenship: "Республика Казахстан",
            assistanceHeading: "Содержание поручения",
            assistance: [
                "Истребовать у провайдера сведения об абоненте, которому был выделен указанный в разделе 5 адрес.",
                "Истребовать журналы соединений указанного адреса за период, приведённый в разделе 5.",
                "Изготовить криминалистическую копию носителей сервера с вычислением SHA-256 и передать её заверенный экземпляр.",
            ],
            dataHeading: "Данные и идентификаторы",
            data: [
                ("IP-адрес и порт", "203.0.113.24:44321"),
                ("Период", "с 03.03.2026 00:00 по 17.08.2026 23:59, UTC+05:00"),
                ("Провайдер", "ОсОО «Ала-Тоо Хостинг», г. Бишкек"),
            ],
            useLimit: "Полученные материалы будут использованы только по указанному уголовному делу.",
            attachments: [
                "Текст статьи 190 Уголовного кодекса Республики Казахстан",
                "Постановление следственного судьи от 18 ноября 2026 г., заверенная копия",
            ],
            signer: "А. С. Сейткали",
            position: "Заместитель Генерального Прокурора Республики Казахстан",
            officer: "Д. Ахметова"
        )

        private static let kazakh = Words(
            sender: "Қазақстан Республикасының Бас прокуратурасы",
            senderAddress: "010000, Астана қаласы, Мәңгілік Ел даңғылы, 14",
            addressee: "Қырғыз Республикасының Бас прокуратурасы",
            addresseeAddress: "720040, Бішкек қаласы, Эркіндік бульвары, 39",
            subject: "Ақпараттық жүйені пайдалану арқылы жасалған алаяқтық туралы № 237100121000456 қылмыстық іс",
            treaty:
                "Компьютерлік ақпарат саласындағы қылмыстарға қарсы күрестегі ынтымақтастық туралы келісім, Минск, 2001 ж.",
            reason: "күдіктіні күзетпен ұстау мерзімі 2027 жылғы 10 қаңтарда аяқталады",
            article: "6-бап, 2-бөлік",
            caseHeading: "Істің атауы және іс жүргізу сатысы",
            caseText: "№ 237100121000456 қылмыстық іс, сотқа дейінгі тергеп-тексеру.",
            factsHeading: "Істің мән-жайлары",
            facts: """
                2026 жылғы 3 наурыз бен 17 тамыз аралығында белгісіз адамдар Алматы қаласындағы банктің 214 клиентінің \
                шоттарына қол жеткізіп, 386 400 000 теңгені электрондық әмияндарға аударған.
                Тергеп-тексеру барысында шоттарға қол жеткізілген 203.0.113.24 мекенжайындағы сервер (44321-порт) Бішкек \
                қаласындағы провайдердің қызмет көрсетуінде екені анықталды.
                """,
            personsHeading: "Адамдар туралы мәліметтер",
            status: "күдікті",
            birthPlace: "Алматы қаласы, Қазақстан Республикасы",
            citizenship: "Қазақстан Республикасы",
            assistanceHeading: "Сұралатын көмектің мазмұны",
            assistance: [
                "5-бөлімде көрсетілген мекенжай бөлінген абонент туралы мәліметтерді провайдерден талап етіп алдыру.",
                "Аталған мекенжайдың 5-бөлімде көрсетілген кезеңдегі қосылу журналдарын талап етіп алдыру.",
                "Сервер тасығыштарының SHA-256 мәні есептелген криминалистикалық көшірмесін жасап, расталған данасын беру.",
            ],
            dataHeading: "Деректер және сәйкестендіргіштер",
            data: [
                ("IP-мекенжай және порт", "203.0.113.24:44321"),
                ("Кезең", "03.03.2026 00:00 – 17.08.2026 23:59, UTC+05:00"),
                ("Провайдер", "«Ала-Тоо Хостинг» ЖШҚ, Бішкек қаласы"),
            ],
            useLimit: "Алынған материалдар аталған қылмыстық іс бойынша ғана пайдаланылады.",
            attachments: [
                "Қазақстан Республикасы Қылмыстық кодексі 190-бабының мәтіні",
                "Тергеу судьясының 2026 жылғы 18 қарашадағы қаулысы, расталған көшірме",
            ],
            signer: "А. С. Сейтқали",
            position: "Қазақстан Республикасы Бас Прокурорының орынбасары",
            officer: "Д. Ахметова"
        )

        private static let chinese = Words(
            sender: "哈萨克斯坦共和国总检察院",
            senderAddress: "阿斯塔纳市曼吉利克叶尔大街14号，邮编010000",
            addressee: "吉尔吉斯共和国总检察院",
            addresseeAddress: "比什凯克市埃尔金迪克大道39号，邮编720040",
            subject: "第237100121000456号利用信息系统诈骗案",
            treaty: "《独立国家联合体成员国打击计算机信息领域犯罪合作协定》（2001年6月1日，明斯克）",
            reason: "犯罪嫌疑人羁押期限将于2027年1月10日届满",
            article: "第6条第2款",
            caseHeading: "案件名称及诉讼阶段",
            caseText: "第237100121000456号刑事案件，审前侦查阶段。",
            factsHeading: "案情摘要",
            facts: """
                2026年3月3日至8月17日期间，身份不明人员非法进入阿拉木图市某银行214名客户的账户，将386,400,000坚戈转入电子钱包。
                经侦查查明，用于访问上述账户的服务器（地址203.0.113.24，端口44321）由比什凯克市一家服务提供者运营。
                """,
            personsHeading: "涉案人员",
            status: "犯罪嫌疑人",
            birthPlace: "哈萨克斯坦共和国阿拉木图市",
            citizenship: "哈萨克斯坦共和国",
            assistanceHeading: "请求协助事项",
            assistance: [
                "向服务提供者调取第5项所列地址的用户登记信息。", "调取该地址在第5项所列期间的连接日志。",
                "制作服务器存储介质的司法鉴定镜像并计算SHA-256值，移交经认证的副本。",
            ],
            dataHeading: "数据及标识",
            data: [
                ("IP地址和端口", "203.0.113.24:44321"), ("期间", "2026年3月3日00:00至8月17日23:59，UTC+05:00"),
                ("服务提供者", "Ala-Too Hosting LLC，比什凯克市"),
            ],
            useLimit: "所取得的材料仅用于上述刑事案件。",
            attachments: ["《哈萨克斯坦共和国刑法典》第190条条文", "侦查法官2026年11月18日裁定书（经认证的副本）"],
            signer: "A·S·赛特卡利",
            position: "哈萨克斯坦共和国副总检察长",
            officer: "D·阿赫梅托娃"
        )
    }
}
