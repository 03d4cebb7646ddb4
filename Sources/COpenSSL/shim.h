// libcrypto as Swift sees it. Each inline function below exists because the original is a macro or
// variadic, which Swift cannot import.
#pragma once
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/ess.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/ocsp.h>
#include <openssl/opensslv.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

static inline STACK_OF(X509) *shim_sk_X509_new_null(void) { return sk_X509_new_null(); }
static inline int shim_sk_X509_push(STACK_OF(X509) *s, X509 *x) { return sk_X509_push(s, x); }
static inline int shim_sk_X509_num(const STACK_OF(X509) *s) { return sk_X509_num(s); }
static inline X509 *shim_sk_X509_value(const STACK_OF(X509) *s, int i) { return sk_X509_value(s, i); }
static inline void shim_sk_X509_free(STACK_OF(X509) *s) { sk_X509_free(s); }
static inline void shim_sk_X509_pop_free(STACK_OF(X509) *s) { sk_X509_pop_free(s, X509_free); }
static inline int shim_sk_X509_EXTENSION_num(const STACK_OF(X509_EXTENSION) *s) { return sk_X509_EXTENSION_num(s); }
static inline X509_EXTENSION *shim_sk_X509_EXTENSION_value(const STACK_OF(X509_EXTENSION) *s, int i) {
    return sk_X509_EXTENSION_value(s, i);
}
static inline STACK_OF(X509_EXTENSION) *shim_sk_X509_EXTENSION_new_null(void) { return sk_X509_EXTENSION_new_null(); }
static inline int shim_sk_X509_EXTENSION_push(STACK_OF(X509_EXTENSION) *s, X509_EXTENSION *x) {
    return sk_X509_EXTENSION_push(s, x);
}
static inline void shim_sk_X509_EXTENSION_pop_free(STACK_OF(X509_EXTENSION) *s) {
    sk_X509_EXTENSION_pop_free(s, X509_EXTENSION_free);
}
static inline int shim_sk_CMS_SignerInfo_num(const STACK_OF(CMS_SignerInfo) *s) { return sk_CMS_SignerInfo_num(s); }
static inline CMS_SignerInfo *shim_sk_CMS_SignerInfo_value(const STACK_OF(CMS_SignerInfo) *s, int i) {
    return sk_CMS_SignerInfo_value(s, i);
}
static inline int shim_sk_CMS_RecipientInfo_num(const STACK_OF(CMS_RecipientInfo) *s) {
    return sk_CMS_RecipientInfo_num(s);
}
static inline CMS_RecipientInfo *shim_sk_CMS_RecipientInfo_value(const STACK_OF(CMS_RecipientInfo) *s, int i) {
    return sk_CMS_RecipientInfo_value(s, i);
}
static inline int shim_sk_ASN1_OBJECT_num(const EXTENDED_KEY_USAGE *s) { return sk_ASN1_OBJECT_num(s); }
static inline ASN1_OBJECT *shim_sk_ASN1_OBJECT_value(const EXTENDED_KEY_USAGE *s, int i) {
    return sk_ASN1_OBJECT_value(s, i);
}
static inline void shim_sk_ASN1_OBJECT_free(EXTENDED_KEY_USAGE *s) { EXTENDED_KEY_USAGE_free(s); }
static inline int shim_sk_DIST_POINT_num(const CRL_DIST_POINTS *s) { return sk_DIST_POINT_num(s); }
static inline DIST_POINT *shim_sk_DIST_POINT_value(const CRL_DIST_POINTS *s, int i) { return sk_DIST_POINT_value(s, i); }
static inline int shim_sk_GENERAL_NAME_num(const GENERAL_NAMES *s) { return sk_GENERAL_NAME_num(s); }
static inline GENERAL_NAME *shim_sk_GENERAL_NAME_value(const GENERAL_NAMES *s, int i) {
    return sk_GENERAL_NAME_value(s, i);
}
static inline int shim_sk_ACCESS_DESCRIPTION_num(const AUTHORITY_INFO_ACCESS *s) { return sk_ACCESS_DESCRIPTION_num(s); }
static inline ACCESS_DESCRIPTION *shim_sk_ACCESS_DESCRIPTION_value(const AUTHORITY_INFO_ACCESS *s, int i) {
    return sk_ACCESS_DESCRIPTION_value(s, i);
}

static inline size_t shim_BIO_get_mem_data(BIO *b, const unsigned char **p) {
    char *q = 0;
    long n = BIO_get_mem_data(b, &q);
    *p = (const unsigned char *)q;
    return n < 0 ? 0 : (size_t)n;
}
static inline int shim_BIO_flush(BIO *b) { return (int)BIO_flush(b); }
static inline void shim_OPENSSL_free(void *p) { OPENSSL_free(p); }
static inline void *shim_OPENSSL_malloc(size_t n) { return OPENSSL_malloc(n); }
static inline EVP_PKEY *shim_EVP_RSA_gen(unsigned int bits) { return EVP_RSA_gen(bits); }
static inline EVP_PKEY *shim_EVP_EC_gen(const char *curve) { return EVP_EC_gen(curve); }
static inline long shim_ASN1_INTEGER_small(const ASN1_INTEGER *i) { return ASN1_INTEGER_get(i); }
static inline unsigned long shim_XN_FLAG_RFC2253_UTF8(void) { return XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB; }

static inline int shim_sk_X509_REVOKED_num(const STACK_OF(X509_REVOKED) *s) { return sk_X509_REVOKED_num(s); }
static inline X509_REVOKED *shim_sk_X509_REVOKED_value(const STACK_OF(X509_REVOKED) *s, int i) {
    return sk_X509_REVOKED_value(s, i);
}
