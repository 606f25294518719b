/* A module of kind Input that answers with its VERSION, or with its settings, and can be made to misbehave. A run whose event
 * has a "gate" waits for that file. The function create waits for the file CREATE_WAITS, and loading the module for the file
 * LOADS_AFTER. */
#define _DEFAULT_SOURCE
#include <ango/module.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT(literal)                                                                                                  \
    { literal, sizeof(literal) - 1 }

static const ango_job_v1 *jobs;
static const ango_result_v1 *results;
static char settings_text[4096];

static void wait_for(const char *path) {
    while (access(path, F_OK) != 0) usleep(2000);
}

static void wait_for_gate(ango_job *job) {
    const ango_str name = TEXT("gate");
    ango_str token;
    char path[4096];
    if (jobs->field(job, &name, &token) != ANGO_OK || token.size < 3 || token.size > sizeof path) return;
    memcpy(path, token.data + 1, token.size - 2);
    path[token.size - 2] = '\0';
    wait_for(path);
}

static int32_t answer(ango_instance *instance, ango_job *job) {
    (void)instance;
    wait_for_gate(job);
#ifdef CRASHES
    abort();
#endif
#ifdef ANSWERS_SETTINGS
    const ango_str text = {settings_text, strlen(settings_text)};
#else
    const ango_str text = TEXT("\"" VERSION "\"");
#endif
    return results->value(job, &text);
}

#ifdef DIES_IDLE
static void *die(void *nothing) {
    usleep(300 * 1000);
    abort();
    return nothing;
}
#endif

static int32_t create(const ango_host *host, const ango_str *settings, ango_instance **out) {
    const ango_str job = TEXT("ango.job"), result = TEXT("ango.result");
    (void)out;
    if (settings->size < sizeof settings_text) memcpy(settings_text, settings->data, settings->size);
    jobs = host->service(host, &job, 1);
    results = host->service(host, &result, 1);
#ifdef DIES_IDLE
    pthread_t thread;
    pthread_create(&thread, NULL, die, NULL);
#endif
#ifdef CREATE_WAITS
    wait_for(CREATE_WAITS);
#endif
#ifdef CREATE_FAILS
    return ANGO_FAILED;
#else
    return ANGO_OK;
#endif
}

#ifdef LOADS_AFTER
__attribute__((constructor)) static void wait_for_file(void) {
    while (access(LOADS_AFTER, F_OK) != 0) usleep(2000);
}
#endif

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
