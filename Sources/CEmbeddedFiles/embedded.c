// The compiler puts the files in as they are and notices when they change; as Swift literals they took minutes.
#include "CEmbeddedFiles.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

#define EMBEDDED(name)                                                                    \
    struct embedded_file embedded_##name(void) {                                          \
        return (struct embedded_file){name, sizeof name};                                 \
    }

static const unsigned char asic_archive_manifest_xsd[] = {
#embed "../../Schemas/asic-archive-manifest.xsd"
};
EMBEDDED(asic_archive_manifest_xsd)

static const unsigned char asic_manifest_xsd[] = {
#embed "../../Schemas/asic-manifest.xsd"
};
EMBEDDED(asic_manifest_xsd)

static const unsigned char exchange_header_xsd[] = {
#embed "../../Schemas/exchange-header.xsd"
};
EMBEDDED(exchange_header_xsd)

static const unsigned char evidence_manifest_xsd[] = {
#embed "../../Schemas/evidence-manifest.xsd"
};
EMBEDDED(evidence_manifest_xsd)

static const unsigned char evidence_manifest_schema_json[] = {
#embed "../../Schemas/evidence-manifest.schema.json"
};
EMBEDDED(evidence_manifest_schema_json)

static const unsigned char exchange_api_openapi_json[] = {
#embed "../../Schemas/exchange-api.openapi.json"
};
EMBEDDED(exchange_api_openapi_json)

static const unsigned char officer_api_openapi_json[] = {
#embed "../../Schemas/officer-api.openapi.json"
};
EMBEDDED(officer_api_openapi_json)

static const unsigned char log_entry_schema_json[] = {
#embed "../../Schemas/log-entry.schema.json"
};
EMBEDDED(log_entry_schema_json)

static const unsigned char receipt_xsd[] = {
#embed "../../Schemas/receipt.xsd"
};
EMBEDDED(receipt_xsd)

static const unsigned char peer_card_xsd[] = {
#embed "../../Schemas/peer-card.xsd"
};
EMBEDDED(peer_card_xsd)

static const unsigned char peer_card_2_xsd[] = {
#embed "../../Schemas/peer-card-2.xsd"
};
EMBEDDED(peer_card_2_xsd)

static const unsigned char capability_sheet_xsd[] = {
#embed "../../Schemas/capability-sheet.xsd"
};
EMBEDDED(capability_sheet_xsd)

static const unsigned char treaty_profile_schema_json[] = {
#embed "../../Schemas/treaty-profile.schema.json"
};
EMBEDDED(treaty_profile_schema_json)

static const unsigned char treaty_profiles_json[] = {
#embed "../../Schemas/treaty-profiles.json"
};
EMBEDDED(treaty_profiles_json)

static const unsigned char verification_report_xsd[] = {
#embed "../../Schemas/verification-report.xsd"
};
EMBEDDED(verification_report_xsd)

static const unsigned char work_calendar_schema_json[] = {
#embed "../../Schemas/work-calendar.schema.json"
};
EMBEDDED(work_calendar_schema_json)

static const unsigned char work_calendars_json[] = {
#embed "../../Schemas/work-calendars.json"
};
EMBEDDED(work_calendars_json)

static const unsigned char catalogue_en_json[] = {
#embed "../GatewayText/Catalogues/en.json"
};
EMBEDDED(catalogue_en_json)

static const unsigned char catalogue_ru_json[] = {
#embed "../GatewayText/Catalogues/ru.json"
};
EMBEDDED(catalogue_ru_json)

static const unsigned char catalogue_kk_json[] = {
#embed "../GatewayText/Catalogues/kk.json"
};
EMBEDDED(catalogue_kk_json)

static const unsigned char catalogue_zh_json[] = {
#embed "../GatewayText/Catalogues/zh.json"
};
EMBEDDED(catalogue_zh_json)
