// Files of this repository as they stand in the programs: schemas, the shipped law, catalogues of texts.
#pragma once
#include <stddef.h>

struct embedded_file {
    const unsigned char *_Nonnull bytes;
    size_t size;
};

struct embedded_file embedded_asic_archive_manifest_xsd(void);
struct embedded_file embedded_asic_manifest_xsd(void);
struct embedded_file embedded_exchange_header_xsd(void);
struct embedded_file embedded_evidence_manifest_xsd(void);
struct embedded_file embedded_evidence_manifest_schema_json(void);
struct embedded_file embedded_exchange_api_openapi_json(void);
struct embedded_file embedded_officer_api_openapi_json(void);
struct embedded_file embedded_log_entry_schema_json(void);
struct embedded_file embedded_receipt_xsd(void);
struct embedded_file embedded_peer_card_xsd(void);
struct embedded_file embedded_peer_card_2_xsd(void);
struct embedded_file embedded_capability_sheet_xsd(void);
struct embedded_file embedded_treaty_profile_schema_json(void);
struct embedded_file embedded_treaty_profiles_json(void);
struct embedded_file embedded_verification_report_xsd(void);
struct embedded_file embedded_work_calendar_schema_json(void);
struct embedded_file embedded_work_calendars_json(void);
struct embedded_file embedded_catalogue_en_json(void);
struct embedded_file embedded_catalogue_ru_json(void);
struct embedded_file embedded_catalogue_kk_json(void);
struct embedded_file embedded_catalogue_zh_json(void);
