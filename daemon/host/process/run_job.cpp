#include "host/process/run_job.hpp"

#include "host/explorer/file_explorer_job.hpp"
#include "host/export/export_kind.hpp"
#include "host/markdown/markdown_job.hpp"
#include "host/model/batch_model_job.hpp"
#include "host/model/model_job.hpp"
#include "host/module/call_module.hpp"
#include "host/module/handles.hpp"
#include "host/module/module_failure.hpp"

#include "base/files.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::host {

namespace {

using host_protocol::JobFinished;

JobFinished failed(const Job &job, Failure failure) {
    JobFinished out;
    out.job = job.id;
    out.user_text =
        failure.user_text.empty() ? "The plugin failed without giving a reason." : std::move(failure.user_text);
    out.operator_text = std::move(failure.operator_text);
    out.retry_after_ms = failure.retry_after_ms;
    return out;
}

JobFinished succeeded(const Job &job, Outcome outcome) {
    JobFinished out;
    out.job = job.id;
    out.succeeded = 1;
    out.silent = outcome.silent ? 1 : 0;
    out.value = std::move(outcome.value);
    return out;
}

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// Reads configJSON, which is a JSON string that contains JSON. If it is absent, null or empty, there are no options.
Result<std::string> read_config(const Job &job) {
    const auto token = job.field("configJSON");
    if (!token) return std::string("{}");
    std::string text = token->starts_with('"') ? json::unquote(*token).value_or("") : std::string(*token);
    while (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size()); // modules need not know it
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) return std::string("{}");
    const auto members = json::members(text);
    if (members) return text;
    const bool other_type = members.error().code == Code::invalid && json::check(text);
    return error(Code::invalid, other_type ? "it is JSON, but not an object with options" : members.error().text);
}

RunResult run_input(Job &job, const ango_input_v1 &table, ango_instance *instance) {
    ango_job handle(job);
    const std::int32_t status = call_module(handle, "answer", [&] { return table.answer(instance, &handle); });
    job.cancel.on_cancel(nullptr);
    if (status != ANGO_OK) return module_failure(status, handle);
    return Outcome{handle.value.value_or("\"\"")};
}

RunResult run_kind(Job &job, const LoadedModule &module, const Instances::Instance &of) {
    switch (of.kind) {
        case PluginKind::export_: return run_export_kind(job, *module.export_table, of.instance);
        case PluginKind::model: return run_model(job, *module.model_table, of.instance);
        case PluginKind::batch_model: return run_batch_model(job, *module.model_table, of.instance);
        case PluginKind::file_explorer: return run_file_explorer(job, *module.file_explorer_table, of.instance);
        case PluginKind::markdown: return run_markdown(job, *module.markdown_table, of.instance);
        case PluginKind::input: break;
    }
    return run_input(job, *module.input_table, of.instance);
}

/// Names the work on a project for an error text; null for kinds whose event may come without a project.
const char *work_on_project(PluginKind kind) {
    switch (kind) {
        case PluginKind::export_: return "export";
        case PluginKind::batch_model: return "label";
        case PluginKind::markdown: return "add assets to";
        default: return nullptr;
    }
}

} // namespace

JobFinished run_job(Job &job, const LoadedModule &module, const Instances::Instance &instance) {
    auto members = json::members(job.event);
    if (!members)
        return failed(job, {fmt::format("The event from Hub cannot be read: {}.", members.error().text), {}, -1});
    job.members = std::move(*members);
    auto config = read_config(job);
    if (!config)
        return failed(
            job, {fmt::format(
                      "The plugin's configuration is not a valid JSON object: {}. Correct it and run the plugin again.",
                      config.error().text),
                  {},
                  -1});
    job.config = std::move(*config);
    const char *work = work_on_project(instance.kind);
    if (work && job.project().empty())
        return failed(
            job, {fmt::format("The event from Hub names no project in \"projectId\", so there is nothing to {}.", work),
                  {},
                  -1});
    const bool needs_files = instance.kind == PluginKind::export_;
    if (needs_files)
        if (const auto made = files::make_private_folder(job.scratch); !made)
            return failed(job, {"The server has no room for this run's temporary files.", made.error().text, 60'000});
    auto result = run_kind(job, module, instance);
    if (needs_files) files::remove_all(job.scratch);
    if (auto *failure = std::get_if<Failure>(&result)) return failed(job, std::move(*failure));
    return succeeded(job, std::move(std::get<Outcome>(result)));
}

} // namespace angod::host
