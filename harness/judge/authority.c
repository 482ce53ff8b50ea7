#include "judge/authority.h"

#include "warn.h"

#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>

static void
must(bool done)
{
    if (!done)
        die("OpenSSL could not make a certificate");
}

EVP_PKEY *
authority_key(void)
{
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
    EVP_PKEY *key = NULL;

    must(maker != NULL && EVP_PKEY_keygen_init(maker) == 1 &&
         EVP_PKEY_CTX_set_ec_paramgen_curve_nid(maker, NID_X9_62_prime256v1) ==
             1 &&
         EVP_PKEY_keygen(maker, &key) == 1);
    EVP_PKEY_CTX_free(maker);
    return key;
}

static void
add_extension(
    X509 *certificate, X509V3_CTX *about, int kind, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, about, kind, value);

    must(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* For this key, and not signed yet; a name is there for people alone. */
static X509 *
new_certificate(EVP_PKEY *key, long serial, const char *name)
{
    X509 *certificate = X509_new();

    must(certificate != NULL);
    X509_NAME *subject = X509_get_subject_name(certificate);
    must(X509_set_version(certificate, 2) == 1 && /* version 3 */
         ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial) == 1 &&
         ASN1_TIME_set_string_X509(
             X509_getm_notBefore(certificate), "19700101000000Z") == 1 &&
         ASN1_TIME_set_string_X509(
             X509_getm_notAfter(certificate), "99991231235959Z") == 1 &&
         X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
             (const unsigned char *)name, -1, -1, 0) == 1 &&
         X509_set_pubkey(certificate, key) == 1);
    return certificate;
}

struct authority
authority_new(void)
{
    EVP_PKEY *key = authority_key();
    X509 *own = new_certificate(key, 1, "Vouches for one test");
    X509V3_CTX about;

    must(X509_set_issuer_name(own, X509_get_subject_name(own)) == 1);
    X509V3_set_ctx(&about, own, own, NULL, NULL, 0);
    add_extension(own, &about, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(own, &about, NID_key_usage, "critical,keyCertSign");
    add_extension(own, &about, NID_subject_key_identifier, "hash");
    must(X509_sign(own, key, EVP_sha256()) != 0);
    return (struct authority){key, own};
}

void
authority_free(struct authority *authority)
{
    EVP_PKEY_free(authority->key);
    X509_free(authority->certificate);
    *authority = (struct authority){NULL, NULL};
}

void
authority_write(const struct authority *authority, const char *path)
{
    FILE *file = fopen(path, "we");

    if (file == NULL || PEM_write_X509(file, authority->certificate) != 1 ||
        fclose(file) != 0)
        die("write %s:", path);
}

X509 *
authority_certify(
    const struct authority *authority, const char *address, EVP_PKEY *key)
{
    X509 *certificate = new_certificate(key, 2, address);
    X509V3_CTX about;
    char alternative[80];

    snprintf(alternative, sizeof alternative, "IP:%s", address);
    must(X509_set_issuer_name(
             certificate, X509_get_subject_name(authority->certificate)) == 1);
    X509V3_set_ctx(&about, authority->certificate, certificate, NULL, NULL, 0);
    add_extension(
        certificate, &about, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(
        certificate, &about, NID_key_usage, "critical,digitalSignature");
    add_extension(certificate, &about, NID_ext_key_usage, "serverAuth");
    add_extension(certificate, &about, NID_subject_alt_name, alternative);
    add_extension(certificate, &about, NID_authority_key_identifier, "keyid");
    must(X509_sign(certificate, authority->key, EVP_sha256()) != 0);
    return certificate;
}
