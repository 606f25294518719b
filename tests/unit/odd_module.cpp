// A module for the tests of daemon/host: complete, or with the fault that the environment variable ODD_MODULE names. The
// fault is looked at in each call of the entry point, so one library serves all tests of one process.
//
// Its kind is Input. The member "do" of an event says what a job does:
//   wait        until it is cancelled
//   save        saves as many bytes as "bytes" says as a checkpoint
//   steps       reports progress 1000 times
//   log         writes a line
//   ask         asks Hub for something
//   ask on cancel   the same, and its callback waits for the answer
// After that it answers with the number of the attempt.
#include <ango/module.h>

#include <cstdlib>
#include <future>
#include <string>
#include <string_view>

namespace {

ango_str str(std::string_view text) { return {text.data(), text.size()}; }

template <class T> constexpr std::uint32_t size_of = static_cast<std::uint32_t>(sizeof(T));

const ango_host *host = nullptr;

template <class Table> const Table &service(std::string_view name) {
    const ango_str text = str(name);
    return *static_cast<const Table *>(host->service(host, &text, 1));
}

std::string member(ango_job *job, std::string_view name) {
    const ango_str text = str(name);
    ango_str out{};
    if (service<ango_job_v1>("ango.job").field(job, &text, &out) != ANGO_OK) return {};
    return {out.data, static_cast<std::size_t>(out.size)};
}

std::int32_t wait(ango_job *job) {
    std::promise<void> cancelled;
    const auto &cancel = service<ango_cancel_v1>("ango.cancel");
    cancel.on_cancel(
        job, [](void *promise) { static_cast<std::promise<void> *>(promise)->set_value(); }, &cancelled);
    const ango_str text = str("waiting");
    service<ango_log_v1>("ango.log").line(job, ANGO_LOG_INFO, &text);
    cancelled.get_future().wait();
    cancel.on_cancel(job, nullptr, nullptr);
    return ANGO_CANCELLED;
}

/// Asks Hub on a thread of its own. With a callback, a cancel waits for the answer as well.
std::int32_t ask_hub(ango_job *job, bool with_callback) {
    auto asked = std::async(std::launch::async, [job] {
                     const ango_str method = str("GET"), path = str("/v2/x"), body = str("");
                     ango_str out{};
                     return service<ango_hub_v1>("ango.hub").call(job, &method, &path, &body, 0, &out);
                 }).share();
    const auto &cancel = service<ango_cancel_v1>("ango.cancel");
    if (with_callback)
        cancel.on_cancel(
            job, [](void *future) { static_cast<std::shared_future<std::int32_t> *>(future)->wait(); }, &asked);
    const std::int32_t status = asked.get();
    cancel.on_cancel(job, nullptr, nullptr);
    return status;
}

std::int32_t answer(ango_instance *, ango_job *job) {
    const std::string act = member(job, "do");
    const auto &jobs = service<ango_job_v1>("ango.job");
    if (act == "\"wait\"") return wait(job);
    if (act.starts_with("\"ask")) return ask_hub(job, act == "\"ask on cancel\"");
    if (act == "\"save\"") {
        const std::string bytes(std::strtoul(member(job, "bytes").c_str(), nullptr, 10), 'c');
        const ango_str text = str(bytes);
        if (const std::int32_t status = jobs.save_checkpoint(job, &text); status != ANGO_OK) return status;
    }
    if (act == "\"steps\"")
        for (std::uint64_t i = 1; i <= 1000; ++i) service<ango_log_v1>("ango.log").progress(job, i, 1000);
    const ango_str line = str("a line");
    if (act == "\"log\"") service<ango_log_v1>("ango.log").line(job, ANGO_LOG_WARNING, &line);
    const std::string value = std::to_string(jobs.attempt(job));
    const ango_str text = str(value);
    return service<ango_result_v1>("ango.result").value(job, &text);
}

std::int32_t create(const ango_host *given, const ango_str *settings, ango_instance **) {
    host = given;
    if (std::string_view(settings->data, settings->size) == "{}") return ANGO_OK;
    ango_failure why{};
    why.struct_size = size_of<ango_failure>;
    why.user_text = str("The settings must be empty.");
    service<ango_failure_v1>("ango.failure").fail(nullptr, &why);
    return ANGO_FAILED;
}

void destroy(ango_instance *) {}

std::string fault() {
    const char *named = std::getenv("ODD_MODULE");
    return named ? named : "";
}

const void *table(const ango_str *, std::uint32_t) {
    static ango_input_v1 input{};
    input = {size_of<ango_input_v1>, 0, answer};
    if (fault().ends_with("no table")) return nullptr;
    if (fault() == "table throws") throw 1;
    if (fault() == "short table") input.struct_size = 8;
    if (fault() == "no function") input.answer = nullptr;
    return &input;
}

ango_module sound() {
    ango_module out{};
    out.struct_size = size_of<ango_module>;
    out.abi = ANGO_ABI;
    out.kinds = ANGO_KIND_INPUT;
    out.id = str("odd");
    out.create = create;
    out.destroy = destroy;
    out.table = table;
    return out;
}

void spoil(ango_module &module, ango_requirement &need, const std::string &how) {
    if (how == "another major version") module.abi = 7u << 16;
    if (how == "later minor version") module.abi = ANGO_ABI + 7;
    if (how == "later, no table") module.abi = ANGO_ABI + 7;
    if (how == "short") module.struct_size = 8;
    if (how == "no destroy") module.destroy = nullptr;
    if (how == "no id") module.id = str("");
    if (how == "bad id") module.id = str("../x");
    if (how == "long id") module.id = str("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    if (how == "no kind") module.kinds = 0;
    if (how == "kind of the future") module.kinds = UINT64_C(1) << 40;
    if (how == "no list of needs") module.requirements = nullptr;
    if (how == "short need") need.struct_size = 4;
    if (how == "unknown service") need.name = str("ango.telepathy");
    if (how == "unknown optional service") {
        need.name = str("ango.telepathy");
        need.optional = 1;
    }
    if (how == "later revision") need.revision = 2;
    if (how == "everything") {
        module.flags = ANGO_MODULE_CONCURRENT;
        module.name = str("Odd \"one\"");
        module.version = str("1.2");
        module.summary = str("Answers");
    }
}

} // namespace

extern "C" ANGO_EXPORT const ango_module *ango_module_entry(std::uint32_t) {
    static ango_module module;
    static ango_requirement need;
    static const ango_requirement *const needs[] = {&need};
    module = sound();
    need = {size_of<ango_requirement>, 1, str("ango.log"), 0, 0};
    module.requirements = needs;
    module.requirement_count = 1;
    if (fault() == "none") return nullptr;
    if (fault() == "entry throws") throw 1;
    spoil(module, need, fault());
    return &module;
}
