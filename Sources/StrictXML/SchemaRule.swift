internal import CLibXML2

/// The names that XML Schema Part 1 and 2 (Appendix C) give to the rules a document can break.
enum SchemaRule {
    /// The rule behind a libxml2 error number.
    static func name(of code: Int32) -> String {
        switch UInt32(code) {
        case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1.rawValue, XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_2.rawValue,
            XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_3.rawValue:
            "cvc-datatype-valid"
        case XML_SCHEMAV_CVC_LENGTH_VALID.rawValue: "cvc-length-valid"
        case XML_SCHEMAV_CVC_MINLENGTH_VALID.rawValue: "cvc-minLength-valid"
        case XML_SCHEMAV_CVC_MAXLENGTH_VALID.rawValue: "cvc-maxLength-valid"
        case XML_SCHEMAV_CVC_MININCLUSIVE_VALID.rawValue: "cvc-minInclusive-valid"
        case XML_SCHEMAV_CVC_MAXINCLUSIVE_VALID.rawValue: "cvc-maxInclusive-valid"
        case XML_SCHEMAV_CVC_PATTERN_VALID.rawValue: "cvc-pattern-valid"
        case XML_SCHEMAV_CVC_ENUMERATION_VALID.rawValue: "cvc-enumeration-valid"
        case XML_SCHEMAV_CVC_ELT_1.rawValue: "cvc-elt.1"
        case XML_SCHEMAV_ELEMENT_CONTENT.rawValue: "cvc-complex-type.2.4"
        case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_1.rawValue: "cvc-complex-type.2.1"
        case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_2.rawValue: "cvc-complex-type.2.2"
        case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3.rawValue: "cvc-complex-type.2.3"
        case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_4.rawValue: "cvc-complex-type.2.4"
        case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_1.rawValue, XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1.rawValue,
            XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2.rawValue:
            "cvc-complex-type.3"
        case XML_SCHEMAV_CVC_COMPLEX_TYPE_4.rawValue: "cvc-complex-type.4"
        case XML_SCHEMAV_CVC_TYPE_3_1_1.rawValue, XML_SCHEMAV_CVC_TYPE_3_1_2.rawValue: "cvc-type.3.1"
        default: "libxml2 error \(code)"
        }
    }
}
