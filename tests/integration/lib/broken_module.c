/* A module with one fault, which BROKEN chooses. Without BROKEN the module has no fault. */
#define _DEFAULT_SOURCE
#include <ango/module.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT(literal)                                                                                                  \
    { literal, sizeof(literal) - 1 }
#define IS(name) (strcmp(BROKEN, name) == 0)
#ifndef BROKEN
#define BROKEN ""
#endif
#ifndef ID
#define ID "not-broken"
#endif
#ifndef ABI
#define ABI ANGO_ABI
#endif
#ifndef KINDS
#define KINDS ANGO_KIND_INPUT
#endif
#ifndef NEEDS
#define NEEDS "ango.log"
#endif
#ifndef GATE
#define GATE ""
#endif
#ifndef REVISION
#define REVISION 1
#endif
#ifndef OPTIONAL
#define OPTIONAL 0
#endif

#ifdef UNRESOLVED
void function_that_nobody_has(void);
#endif

__attribute__((constructor)) static void while_loading(void) {
    if (IS("abort while loading")) abort();
    if (IS("exit while loading")) exit(0);
    while (IS("hang while loading")) pause();
    while (IS("wait while loading") && access(GATE, F_OK) != 0) usleep(5000);
}

static int32_t answer(ango_instance *instance, ango_job *job) {
    (void)instance;
    (void)job;
    return ANGO_OK;
}

static int32_t create(const ango_host *host, const ango_str *settings, ango_instance **out) {
    static char the_only_instance;
    (void)host;
    (void)settings;
    if (IS("abort in create")) abort();
    if (IS("exit in create")) exit(0);
    if (IS("fail in create")) return ANGO_IO;
    while (IS("hang in create")) pause();
    *out = (ango_instance *)&the_only_instance;
#ifdef UNRESOLVED
    function_that_nobody_has();
#endif
    return ANGO_OK;
}

static void destroy(ango_instance *instance) { (void)instance; }

static const void *table(const ango_str *name, uint32_t revision) {
    static ango_input_v1 input = {.struct_size = sizeof input, .answer = answer};
    (void)name;
    if (IS("no function in the table")) input.answer = NULL;
    if (IS("short table")) input.struct_size = offsetof(ango_input_v1, answer);
    return revision == 1 && !IS("no table") ? &input : NULL;
}

#ifdef OTHER_ENTRY
#define ango_module_entry some_other_function
const ango_module *some_other_function(uint32_t host_abi);
__attribute__((visibility("default")))
#endif
const ango_module *
ango_module_entry(uint32_t host_abi) {
    static ango_requirement need = {
        .struct_size = sizeof need, .revision = REVISION, .name = TEXT(NEEDS), .optional = OPTIONAL};
    static const ango_requirement *const needs[] = {&need}, *const hole[] = {NULL};
    static ango_module module = {
        .struct_size = sizeof module,
        .abi = ABI,
        .kinds = KINDS,
        .id = TEXT(ID),
        .version = TEXT("1.0"),
        .requirements = needs,
        .requirement_count = 1,
        .create = create,
        .destroy = destroy,
        .table = table,
    };
    (void)host_abi;
    if (IS("abort in the entry")) abort();
    if (IS("no descriptor")) return NULL;
    if (IS("short descriptor")) module.struct_size = offsetof(ango_module, table);
    if (IS("no create")) module.create = NULL;
    if (IS("short need")) need.struct_size = offsetof(ango_requirement, optional);
    if (IS("a hole in the list of needs")) module.requirements = hole;
    if (IS("no list of needs")) module.requirements = NULL;
    return &module;
}
