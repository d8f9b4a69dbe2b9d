#ifndef CHOST_OPENSSL_H
#define CHOST_OPENSSL_H
// OpenSSL 1.1.1, 3 and 4 as the host has it: prototypes written by hand, since no header of it is
// needed to build, and one table of functions filled when a connection first asks for TLS. The
// stand-ins below are complete types so that a BIO can never pass for an SSL.
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef struct chost_BIO { char hidden; } BIO;
typedef struct chost_BIO_METHOD { char hidden; } BIO_METHOD;
typedef struct chost_X509 { char hidden; } X509;
typedef struct chost_X509_NAME { char hidden; } X509_NAME;
typedef struct chost_X509_STORE { char hidden; } X509_STORE;
typedef struct chost_X509_STORE_CTX { char hidden; } X509_STORE_CTX;
typedef struct chost_X509_VERIFY_PARAM { char hidden; } X509_VERIFY_PARAM;
typedef struct chost_EVP_PKEY { char hidden; } EVP_PKEY;
typedef struct chost_EVP_MD { char hidden; } EVP_MD;
typedef struct chost_ASN1_STRING { char hidden; } ASN1_STRING;
typedef struct chost_GENERAL_NAME { char hidden; } GENERAL_NAME;
typedef struct chost_PKCS12 { char hidden; } PKCS12;
typedef struct chost_OPENSSL_STACK { char hidden; } OPENSSL_STACK;
typedef struct chost_SSL { char hidden; } SSL;
typedef struct chost_SSL_CTX { char hidden; } SSL_CTX;
typedef struct chost_SSL_METHOD { char hidden; } SSL_METHOD;
typedef struct chost_SSL_CIPHER { char hidden; } SSL_CIPHER;

typedef int (*chost_password_cb)(char *buffer, int size, int writing, void *_Nullable user);
typedef int (*chost_verify_cb)(int ok, X509_STORE_CTX *context);
typedef int (*chost_client_cert_cb)(
    SSL *ssl, X509 *_Nullable *_Nonnull certificate, EVP_PKEY *_Nullable *_Nonnull key);

// Results that may be NULL are marked; dates of a certificate are strings of ASN.1.
#define CHOST_CRYPTO(X) \
    X(unsigned long, OpenSSL_version_num, (void)) \
    X(const char *_Nonnull, OpenSSL_version, (int what)) \
    X(unsigned long, ERR_get_error, (void)) \
    X(void, ERR_clear_error, (void)) \
    X(const char *_Nullable, ERR_reason_error_string, (unsigned long code)) \
    X(BIO *_Nullable, BIO_new, (const BIO_METHOD *method)) \
    X(const BIO_METHOD *_Nonnull, BIO_s_mem, (void)) \
    X(BIO *_Nullable, BIO_new_mem_buf, (const void *bytes, int count)) \
    X(int, BIO_free, (BIO *bio)) \
    X(int, BIO_read, (BIO *bio, void *bytes, int count)) \
    X(int, BIO_write, (BIO *bio, const void *bytes, int count)) \
    X(long, BIO_ctrl, (BIO *bio, int command, long number, void *_Nullable pointer)) \
    X(X509 *_Nullable, d2i_X509, \
      (X509 *_Nullable *_Nullable out, const unsigned char *_Nonnull *_Nonnull in, long count)) \
    X(EVP_PKEY *_Nullable, d2i_AutoPrivateKey, \
      (EVP_PKEY *_Nullable *_Nullable out, const unsigned char *_Nonnull *_Nonnull in, \
       long count)) \
    X(X509 *_Nullable, PEM_read_bio_X509, \
      (BIO *bio, X509 *_Nullable *_Nullable out, chost_password_cb callback, \
       void *_Nullable user)) \
    X(EVP_PKEY *_Nullable, PEM_read_bio_PrivateKey, \
      (BIO *bio, EVP_PKEY *_Nullable *_Nullable out, chost_password_cb callback, \
       void *_Nullable user)) \
    X(void, EVP_PKEY_free, (EVP_PKEY *_Nullable key)) \
    X(void, X509_free, (X509 *_Nullable certificate)) \
    X(int, X509_check_issued, (X509 *issuer, X509 *subject)) \
    X(X509_NAME *_Nullable, X509_get_subject_name, (const X509 *certificate)) \
    X(X509_NAME *_Nullable, X509_get_issuer_name, (const X509 *certificate)) \
    X(int, X509_NAME_print_ex, \
      (BIO *bio, const X509_NAME *name, int indent, unsigned long flags)) \
    X(const ASN1_STRING *_Nullable, X509_get0_notBefore, (const X509 *certificate)) \
    X(const ASN1_STRING *_Nullable, X509_get0_notAfter, (const X509 *certificate)) \
    X(void *_Nullable, X509_get_ext_d2i, \
      (const X509 *certificate, int nid, int *_Nullable critical, int *_Nullable index)) \
    X(void *_Nullable, GENERAL_NAME_get0_value, (const GENERAL_NAME *name, int *_Nullable kind)) \
    X(void, GENERAL_NAMES_free, (void *names)) \
    X(const unsigned char *_Nullable, ASN1_STRING_get0_data, (const ASN1_STRING *string)) \
    X(int, ASN1_STRING_length, (const ASN1_STRING *string)) \
    X(int, X509_STORE_add_cert, (X509_STORE *store, X509 *certificate)) \
    X(int, X509_STORE_CTX_get_error, (const X509_STORE_CTX *context)) \
    X(X509 *_Nullable, X509_STORE_CTX_get_current_cert, (const X509_STORE_CTX *context)) \
    X(OPENSSL_STACK *_Nullable, X509_STORE_CTX_get0_untrusted, (const X509_STORE_CTX *context)) \
    X(void *_Nullable, X509_STORE_CTX_get_ex_data, (const X509_STORE_CTX *context, int index)) \
    X(int, X509_VERIFY_PARAM_set1_host, \
      (X509_VERIFY_PARAM *param, const char *name, size_t count)) \
    X(int, X509_VERIFY_PARAM_set1_ip_asc, (X509_VERIFY_PARAM *param, const char *address)) \
    X(void, X509_VERIFY_PARAM_set_hostflags, (X509_VERIFY_PARAM *param, unsigned int flags)) \
    X(int, X509_VERIFY_PARAM_set_flags, (X509_VERIFY_PARAM *param, unsigned long flags)) \
    X(const char *_Nonnull, X509_get_default_cert_file, (void)) \
    X(const char *_Nonnull, X509_get_default_cert_dir, (void)) \
    X(PKCS12 *_Nullable, d2i_PKCS12_bio, (BIO *bio, PKCS12 *_Nullable *_Nullable out)) \
    X(int, PKCS12_parse, \
      (PKCS12 *store, const char *_Nullable password, EVP_PKEY *_Nullable *_Nonnull key, \
       X509 *_Nullable *_Nonnull certificate, OPENSSL_STACK *_Nullable *_Nonnull others)) \
    X(void, PKCS12_free, (PKCS12 *store)) \
    X(int, OPENSSL_sk_num, (const OPENSSL_STACK *stack)) \
    X(void *_Nullable, OPENSSL_sk_value, (const OPENSSL_STACK *stack, int index)) \
    X(void, OPENSSL_sk_free, (OPENSSL_STACK *stack)) \
    X(const EVP_MD *_Nullable, EVP_md5, (void)) \
    X(const EVP_MD *_Nullable, EVP_sha1, (void)) \
    X(const EVP_MD *_Nullable, EVP_sha256, (void)) \
    X(const EVP_MD *_Nullable, EVP_sha512, (void)) \
    X(unsigned char *_Nullable, HMAC, \
      (const EVP_MD *kind, const void *key, int key_count, const unsigned char *bytes, \
       size_t count, unsigned char *out, unsigned *_Nullable size)) \
    X(int, PKCS5_PBKDF2_HMAC, \
      (const char *password, int password_count, const unsigned char *salt, int salt_count, \
       int iterations, const EVP_MD *kind, int out_count, unsigned char *out)) \
    X(int, EVP_Digest, \
      (const void *bytes, size_t count, unsigned char *out, unsigned *_Nullable size, \
       const EVP_MD *kind, void *_Nullable engine))

#define CHOST_TLS(X) \
    X(int, OPENSSL_init_ssl, (uint64_t options, const void *_Nullable settings)) \
    X(const SSL_METHOD *_Nonnull, TLS_method, (void)) \
    X(SSL_CTX *_Nullable, SSL_CTX_new, (const SSL_METHOD *method)) \
    X(void, SSL_CTX_free, (SSL_CTX *context)) \
    X(long, SSL_CTX_ctrl, (SSL_CTX *context, int command, long number, void *_Nullable pointer)) \
    X(uint64_t, SSL_CTX_set_options, (SSL_CTX *context, uint64_t options)) \
    X(void, SSL_CTX_set_verify, (SSL_CTX *context, int mode, chost_verify_cb _Nullable callback)) \
    X(int, SSL_CTX_set_default_verify_paths, (SSL_CTX *context)) \
    X(X509_STORE *_Nullable, SSL_CTX_get_cert_store, (const SSL_CTX *context)) \
    X(int, SSL_CTX_use_certificate, (SSL_CTX *context, X509 *certificate)) \
    X(int, SSL_CTX_use_PrivateKey, (SSL_CTX *context, EVP_PKEY *key)) \
    X(void, SSL_CTX_set_client_cert_cb, (SSL_CTX *context, chost_client_cert_cb callback)) \
    X(SSL *_Nullable, SSL_new, (SSL_CTX *context)) \
    X(void, SSL_free, (SSL *ssl)) \
    X(void, SSL_set_bio, (SSL *ssl, BIO *reading, BIO *writing)) \
    X(void, SSL_set_connect_state, (SSL *ssl)) \
    X(void, SSL_set_accept_state, (SSL *ssl)) \
    X(int, SSL_do_handshake, (SSL *ssl)) \
    X(int, SSL_read, (SSL *ssl, void *bytes, int count)) \
    X(int, SSL_write, (SSL *ssl, const void *bytes, int count)) \
    X(int, SSL_shutdown, (SSL *ssl)) \
    X(int, SSL_renegotiate, (SSL *ssl)) \
    X(int, SSL_get_error, (const SSL *ssl, int result)) \
    X(long, SSL_ctrl, (SSL *ssl, int command, long number, void *_Nullable pointer)) \
    X(X509_VERIFY_PARAM *_Nullable, SSL_get0_param, (SSL *ssl)) \
    X(const char *_Nonnull, SSL_get_version, (const SSL *ssl)) \
    X(const SSL_CIPHER *_Nullable, SSL_get_current_cipher, (const SSL *ssl)) \
    X(const char *_Nonnull, SSL_CIPHER_get_name, (const SSL_CIPHER *cipher)) \
    X(OPENSSL_STACK *_Nullable, SSL_get_peer_cert_chain, (const SSL *ssl)) \
    X(int, SSL_set_ex_data, (SSL *ssl, int index, void *_Nullable pointer)) \
    X(void *_Nullable, SSL_get_ex_data, (const SSL *ssl, int index)) \
    X(int, SSL_get_ex_data_X509_STORE_CTX_idx, (void))

// The library's functions, by their own names.
typedef struct chost_openssl {
#define CHOST_FIELD(result, name, arguments) result(*_Nonnull name) arguments;
    CHOST_CRYPTO(CHOST_FIELD)
    CHOST_TLS(CHOST_FIELD)
#undef CHOST_FIELD
    // Only 3 and newer: what RC2 in old key stores needs. NULL elsewhere.
    void *_Nullable (*_Nullable OSSL_PROVIDER_try_load)(
        void *_Nullable context, const char *name, int keeps_default);
} chost_openssl;

// The host's OpenSSL, opened by the first call from whatever thread and kept for ever; NULL when it
// cannot be had. The environment's HIGHWATER_LIBSSL names another file than the usual ones.
const chost_openssl *_Nullable chost_openssl_load(void);
// Why it cannot be had, in the loader's own words; empty when it can. Only after chost_openssl_load.
const char *chost_openssl_problem(void);

#pragma clang assume_nonnull end
#endif
