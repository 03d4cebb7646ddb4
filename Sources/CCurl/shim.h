// libcurl as Swift sees it. curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot import.
#pragma once
#include <curl/curl.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

static inline CURLcode shim_setopt_string(CURL *h, CURLoption o, const char *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode shim_setopt_long(CURL *h, CURLoption o, long v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode shim_setopt_offset(CURL *h, CURLoption o, curl_off_t v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode shim_setopt_pointer(CURL *h, CURLoption o, void *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode shim_setopt_list(CURL *h, CURLoption o, struct curl_slist *v) {
    return curl_easy_setopt(h, o, v);
}
static inline CURLcode shim_setopt_blob(CURL *h, CURLoption o, void *data, size_t length, unsigned int flags) {
    struct curl_blob blob = {data, length, flags};
    return curl_easy_setopt(h, o, &blob);
}
static inline CURLcode shim_setopt_write(CURL *h, size_t (*f)(char *, size_t, size_t, void *)) {
    return curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, f);
}
static inline CURLcode shim_setopt_header(CURL *h, size_t (*f)(char *, size_t, size_t, void *)) {
    return curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, f);
}
static inline CURLcode shim_setopt_read(CURL *h, size_t (*f)(char *, size_t, size_t, void *)) {
    return curl_easy_setopt(h, CURLOPT_READFUNCTION, f);
}
static inline CURLcode shim_setopt_seek(CURL *h, int (*f)(void *, curl_off_t, int)) {
    return curl_easy_setopt(h, CURLOPT_SEEKFUNCTION, f);
}
static inline CURLcode shim_setopt_ssl_ctx(CURL *h, CURLcode (*f)(CURL *, void *, void *)) {
    return curl_easy_setopt(h, CURLOPT_SSL_CTX_FUNCTION, f);
}
static inline CURLMcode shim_multi_setopt_long(CURLM *h, CURLMoption o, long v) {
    return curl_multi_setopt(h, o, v);
}
static inline CURLcode shim_getinfo_long(CURL *h, CURLINFO i, long *v) { return curl_easy_getinfo(h, i, v); }
static inline CURLcode shim_getinfo_offset(CURL *h, CURLINFO i, curl_off_t *v) { return curl_easy_getinfo(h, i, v); }
static inline const char *shim_getinfo_string(CURL *h, CURLINFO i) {
    const char *v = NULL;
    return curl_easy_getinfo(h, i, &v) == CURLE_OK ? v : NULL;
}

// What is told of a TLS handshake, in place of libssl's own check of the server's chain.
#define SHIM_LONGEST_CHAIN 8
struct shim_watch {
    // Gets the chain as sent, leaf first, in DER; NULL leaves the check to libssl. 1 accepts, 0 refuses.
    int (*check)(void *context, const unsigned char *const *der, const size_t *lengths, size_t count);
    // Gets the number of every TLS alert that the other side sent.
    void (*alert)(void *context, int description);
    void *context;
};

static inline int shim_watch_chain(X509_STORE_CTX *store, void *argument) {
    const struct shim_watch *watch = (const struct shim_watch *)argument;
    STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(store);
    int count = sent ? sk_X509_num(sent) : 0;
    unsigned char *der[SHIM_LONGEST_CHAIN] = {NULL};
    size_t lengths[SHIM_LONGEST_CHAIN] = {0};
    int accepted = count >= 1 && count <= SHIM_LONGEST_CHAIN;
    for (int i = 0; accepted && i < count; i++) {
        int length = i2d_X509(sk_X509_value(sent, i), &der[i]);
        if (length > 0) lengths[i] = (size_t)length;
        else accepted = 0;
    }
    // Without a chain the check is still told, so that it can say why nothing was accepted.
    accepted = watch->check(watch->context, (const unsigned char *const *)der, lengths, accepted ? (size_t)count : 0) == 1;
    for (int i = 0; i < SHIM_LONGEST_CHAIN; i++) OPENSSL_free(der[i]);
    X509_STORE_CTX_set_error(store, accepted ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
    return accepted;
}

static inline void shim_watch_info(const SSL *ssl, int where, int value) {
    const struct shim_watch *watch = (const struct shim_watch *)SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    if (watch && (where & SSL_CB_ALERT) && (where & SSL_CB_READ)) watch->alert(watch->context, value & 0xff);
}

static inline void shim_watch_install(void *ssl_ctx, struct shim_watch *watch) {
    SSL_CTX *ctx = (SSL_CTX *)ssl_ctx;
    SSL_CTX_set_app_data(ctx, watch);
    SSL_CTX_set_info_callback(ctx, shim_watch_info);
    if (watch->check) SSL_CTX_set_cert_verify_callback(ctx, shim_watch_chain, watch);
}
static inline const char *shim_alert_name(int description) { return SSL_alert_desc_string_long(description); }

static inline void shim_wipe(void *bytes, size_t count) { OPENSSL_cleanse(bytes, count); }
