/* Kinds Input and Export, built against the header of some release and with members that a later release may add. Behind each
 * struct that the module gives are bytes that the host must not touch. After a call the module reports whether they have
 * changed. */
#include <ango/module.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define TEXT(literal)                                                                                                  \
    { literal, sizeof(literal) - 1 }
#define GUARD 64
#define GUARDED(type)                                                                                                  \
    struct {                                                                                                           \
        type it;                                                                                                       \
        unsigned char behind[GUARD];                                                                                   \
    }
/* The number of bytes by which the structs claim to be longer than in the header, at most GUARD. */
#ifndef MORE
#define MORE 0
#endif
#ifndef ABI
#define ABI ANGO_ABI
#endif
#ifndef ID
#define ID "versions"
#endif
#ifndef KINDS
#define KINDS (ANGO_KIND_INPUT | ANGO_KIND_EXPORT)
#endif
#ifndef NEEDS
#define NEEDS "ango.log"
#endif
#ifndef OPTIONAL
#define OPTIONAL 0
#endif
#ifndef DESCRIPTOR_SIZE
#define DESCRIPTOR_SIZE sizeof(ango_module) + MORE
#endif

static const ango_job_v1 *job_service;
static const ango_reader_v1 *reader_service;
static const ango_writer_v1 *writer_service;
static const ango_http_v1 *http_service;
static const ango_result_v1 *result_service;
static const ango_failure_v1 *failure_service;

static int untouched(const unsigned char *behind) {
    for (int i = 0; i < GUARD; ++i)
        if (behind[i] != 0xa5) return 0;
    return 1;
}

#define PREPARE(guarded)                                                                                               \
    memset(&guarded.it, 0, sizeof guarded.it), memset(guarded.behind, 0xa5, GUARD),                                    \
        guarded.it.struct_size = sizeof guarded.it + MORE

static int32_t fail(ango_job *job, const char *sentence) {
    GUARDED(ango_failure) failure;
    PREPARE(failure);
    failure.it.retry_after_ms = -1;
    failure.it.user_text.data = sentence;
    failure.it.user_text.size = strlen(sentence);
    failure_service->fail(job, &failure.it);
    return ANGO_FAILED;
}

static int32_t answer(ango_instance *instance, ango_job *job) {
    static const ango_str path = TEXT("/v2/storages"), wish = TEXT("fail"), well = TEXT("\"well\"");
    GUARDED(ango_http_request) request;
    GUARDED(ango_http_response) response;
    ango_str value;
    (void)instance;
    if (job_service->field(job, &wish, &value) == ANGO_OK) return fail(job, "It was wished for.");
    PREPARE(request);
    PREPARE(response);
    request.it.url = path;
    request.it.limit = 65536;
    if (http_service->request(job, &request.it, &response.it) != ANGO_OK || response.it.status != 200)
        return fail(job, "Hub was not asked.");
    if (response.it.body.size == 0 || response.it.content_type.size == 0 || !untouched(response.behind))
        return fail(job, "The response is wrong.");
    return result_service->value(job, &well);
}

static int32_t convert(ango_instance *instance, ango_job *job, ango_reader *reader, ango_writer *writer) {
    static const ango_str file = TEXT("assets.txt");
    GUARDED(ango_asset) asset;
    char text[32];
    ango_str written = {text, 0};
    int32_t status;
    uint64_t count = 0;
    (void)instance;
    for (;;) {
        PREPARE(asset);
        status = reader_service->next(reader, &asset.it);
        if (!untouched(asset.behind)) return fail(job, "The asset is wrong.");
        if (status != ANGO_OK) break;
        if (asset.it.number != ++count || asset.it.json.size == 0) return fail(job, "The asset is wrong.");
    }
    if (status != ANGO_END) return status;
    written.size = (uint64_t)sprintf(text, "%d", (int)count);
    status = writer_service->open(writer, &file);
    return status == ANGO_OK ? writer_service->write(writer, &written) : status;
}

static const void *service(const ango_host *host, const char *name) {
    const ango_str text = {name, strlen(name)};
    return host->service(host, &text, 1);
}

static int32_t create(const ango_host *host, const ango_str *settings, ango_instance **out) {
    static char the_only_instance;
    (void)settings;
    job_service = service(host, "ango.job");
    reader_service = service(host, "ango.reader");
    writer_service = service(host, "ango.writer");
    http_service = service(host, "ango.http");
    result_service = service(host, "ango.result");
    failure_service = service(host, "ango.failure");
    *out = (ango_instance *)&the_only_instance;
    return ANGO_OK;
}

static void destroy(ango_instance *instance) { (void)instance; }

static const void *table(const ango_str *name, uint32_t revision) {
    static const GUARDED(ango_input_v1) input = {{.struct_size = sizeof input.it + MORE, .answer = answer}, {1}};
    static const GUARDED(ango_export_v1) export = {{.struct_size = sizeof export.it + MORE, .convert = convert}, {1}};
    if (revision != 1) return NULL;
    if (name->size == 10 && memcmp(name->data, "ango.input", 10) == 0) return &input;
    return name->size == 11 && memcmp(name->data, "ango.export", 11) == 0 ? &export : NULL;
}

const ango_module *ango_module_entry(uint32_t host_abi) {
    static const GUARDED(ango_requirement)
        need = {{.struct_size = sizeof need.it + MORE, .revision = 1, .name = TEXT(NEEDS), .optional = OPTIONAL}, {1}};
    static const ango_requirement *const needs[] = {&need.it};
    static const GUARDED(ango_module) module = {{
                                                    .struct_size = DESCRIPTOR_SIZE,
                                                    .abi = ABI,
                                                    .kinds = KINDS,
                                                    .id = TEXT(ID),
                                                    .version = TEXT("1.0"),
                                                    .requirements = needs,
                                                    .requirement_count = 1,
                                                    .create = create,
                                                    .destroy = destroy,
                                                    .table = table,
                                                },
                                                {1}};
    (void)host_abi;
    return &module.it;
}
