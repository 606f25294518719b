/* A module of kind Input that answers with its VERSION, and can be made to misbehave. An event with "gate" waits for
 * that file. */
#define _DEFAULT_SOURCE
#include <ango/module.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT(literal)                                                                                                  \
    { literal, sizeof(literal) - 1 }

static const ango_job_v1 *jobs;
static const ango_result_v1 *results;

static void wait_for_gate(ango_job *job) {
    const ango_str name = TEXT("gate");
    ango_str token;
    char path[4096];
    if (jobs->field(job, &name, &token) != ANGO_OK || token.size < 3 || token.size > sizeof path) return;
    memcpy(path, token.data + 1, token.size - 2);
    path[token.size - 2] = '\0';
    while (access(path, F_OK) != 0) usleep(2000);
}

static int32_t answer(ango_instance *instance, ango_job *job) {
    const ango_str version = TEXT("\"" VERSION "\"");
    (void)instance;
    wait_for_gate(job);
#ifdef CRASHES
    abort();
#endif
    return results->value(job, &version);
}

static int32_t create(const ango_host *host, const ango_str *settings, ango_instance **out) {
    const ango_str job = TEXT("ango.job"), result = TEXT("ango.result");
    (void)settings;
    (void)out;
    jobs = host->service(host, &job, 1);
    results = host->service(host, &result, 1);
#ifdef CREATE_FAILS
    return ANGO_FAILED;
#else
    return ANGO_OK;
#endif
}

static void destroy(ango_instance *instance) { (void)instance; }

static const void *table(const ango_str *name, uint32_t revision) {
    static const ango_input_v1 input = {sizeof input, 0, answer};
    (void)name;
    return revision == 1 ? &input : NULL;
}

const ango_module *ango_module_entry(uint32_t host_abi) {
    static const ango_module module = {
        .struct_size = sizeof module,
        .abi = ANGO_ABI,
        .kinds = ANGO_KIND_INPUT,
        .id = TEXT(ID),
        .version = TEXT(VERSION),
        .create = create,
        .destroy = destroy,
        .table = table,
    };
    (void)host_abi;
    return &module;
}
