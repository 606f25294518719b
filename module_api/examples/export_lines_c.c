/* Kind Export: the smallest converter in plain C. It copies every asset into one NDJSON file. */
#include <ango/module.h>

#include <string.h>

#define TEXT(literal)                                                                                                  \
    { literal, sizeof(literal) - 1 }

static const ango_reader_v1 *reader_service;
static const ango_writer_v1 *writer_service;

static int is(const ango_str *text, const char *literal) {
    return text->size == strlen(literal) && memcmp(text->data, literal, text->size) == 0;
}

static int32_t convert(ango_instance *instance, ango_job *job, ango_reader *reader, ango_writer *writer) {
    static const ango_str file = TEXT("assets.ndjson"), newline = TEXT("\n");
    ango_asset asset = {.struct_size = sizeof asset};
    int32_t status = writer_service->open(writer, &file);
    (void)instance;
    (void)job;
    while (status == ANGO_OK && (status = reader_service->next(reader, &asset)) == ANGO_OK) {
        status = writer_service->write(writer, &asset.json);
        if (status == ANGO_OK) status = writer_service->write(writer, &newline);
    }
    return status == ANGO_END ? ANGO_OK : status;
}

static int32_t create(const ango_host *host, const ango_str *settings, ango_instance **out) {
    static const ango_str reader = TEXT("ango.reader"), writer = TEXT("ango.writer");
    static char the_only_instance;
    (void)settings;
    reader_service = host->service(host, &reader, 1);
    writer_service = host->service(host, &writer, 1);
    *out = (ango_instance *)&the_only_instance;
    return ANGO_OK;
}

static void destroy(ango_instance *instance) { (void)instance; }

static const void *table(const ango_str *name, uint32_t revision) {
    static const ango_export_v1 export_table = {.struct_size = sizeof export_table, .convert = convert};
    return is(name, "ango.export") && revision == 1 ? &export_table : NULL;
}

const ango_module *ango_module_entry(uint32_t host_abi) {
    static const ango_requirement reader = {.struct_size = sizeof reader, .revision = 1, .name = TEXT("ango.reader")};
    static const ango_requirement writer = {.struct_size = sizeof writer, .revision = 1, .name = TEXT("ango.writer")};
    static const ango_requirement *const requirements[] = {&reader, &writer};
    static const ango_module module = {
        .struct_size = sizeof module,
        .abi = ANGO_ABI,
        .kinds = ANGO_KIND_EXPORT,
        .id = TEXT("export-lines-c"),
        .version = TEXT("1.0"),
        .summary = TEXT("Copies the assets into one NDJSON file"),
        .requirements = requirements,
        .requirement_count = 2,
        .create = create,
        .destroy = destroy,
        .table = table,
    };
    (void)host_abi;
    return &module;
}
