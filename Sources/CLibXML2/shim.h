// libxml2 as Swift sees it. xmlFree is a global function pointer, which Swift 6 refuses as shared mutable state.
#pragma once
#include <libxml/xmlversion.h>
// Debian's libxml2 is built with ICU, whose headers clash with the ICU inside Foundation; nothing here needs them.
#undef LIBXML_ICU_ENABLED
#include <libxml/globals.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlreader.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlwriter.h>

static inline void shim_xmlFree(void *p) { xmlFree(p); }
