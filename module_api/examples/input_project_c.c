/* Kind Input: the smallest answer in plain C. It names the project of the event: {"project":"65a4…"}. */
#include <ango/module.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(literal)                                                                                                  \
    { literal, sizeof(literal) - 1 }

static const ango_job_v1 *job_service;
static const ango_result_v1 *result_service;

static int is(const ango_str *text, const char *literal) {
    return text->size == strlen(literal) && memcmp(text->data, literal, text->size) == 0;
}

static int32_t answer(ango_instance *instance, ango_job *job) {
    static const ango_str name = TEXT("projectId"), none = TEXT("null");
    ango_str project, json;
    char *text;
    int32_t status = job_service->field(job, &name, &project);
    (void)instance;
    if (status < 0) return status;
    if (status == ANGO_ABSENT) project = none;
    text = malloc(project.size + sizeof "{\"project\":}");
    if (!text) return ANGO_FAILED;
    json.data = text;
    json.size = (uint64_t)sprintf(text, "{\"project\":%.*s}", (int)project.size, project.data);
    status = result_service->value(job, &json);
    free(text); /* the host has copied it */
    return status;
}

static int32_t create(const ango_host *host, const ango_str *settings, ango_instance **out) {
    static const ango_str job = TEXT("ango.job"), result = TEXT("ango.result");
    static char the_only_instance;
    (void)settings;
    job_service = host->service(host, &job, 1);
    result_service = host->service(host, &result, 1);
    *out = (ango_instance *)&the_only_instance;
    return ANGO_OK;
}

static void destroy(ango_instance *instance) { (void)instance; }

static const void *table(const ango_str *name, uint32_t revision) {
    static const ango_input_v1 input_table = {.struct_size = sizeof input_table, .answer = answer};
    return is(name, "ango.input") && revision == 1 ? &input_table : NULL;
}

const ango_module *ango_module_entry(uint32_t host_abi) {
    static const ango_requirement job = {.struct_size = sizeof job, .revision = 1, .name = TEXT("ango.job")};
    static const ango_requirement result = {.struct_size = sizeof result, .revision = 1, .name = TEXT("ango.result")};
    static const ango_requirement *const requirements[] = {&job, &result};
    static const ango_module module = {
        .struct_size = sizeof module,
        .abi = ANGO_ABI,
        .flags = ANGO_MODULE_CONCURRENT,
        .kinds = ANGO_KIND_INPUT,
        .id = TEXT("input-project-c"),
        .version = TEXT("1.0"),
        .summary = TEXT("Answers with the id of the event's project"),
        .requirements = requirements,
        .requirement_count = 2,
        .create = create,
        .destroy = destroy,
        .table = table,
    };
    (void)host_abi;
    return &module;
}
