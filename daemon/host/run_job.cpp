#include "host/run_job.hpp"

#include "base/files.hpp"
#include "host/export_job.hpp"
#include "host/services.hpp"

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

JobFinished succeeded(const Job &job, std::string value) {
    JobFinished out;
    out.job = job.id;
    out.succeeded = 1;
    out.value = std::move(value);
    return out;
}

/// configJSON is JSON in a JSON text; absent, null and empty mean no options.
Result<std::string> read_config(const Job &job) {
    const auto token = job.field("configJSON");
    if (!token) return std::string("{}");
    std::string text = token->starts_with('"') ? json::unquote(*token).value_or("") : std::string(*token);
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) return std::string("{}");
    const auto members = json::members(text);
    if (members) return text;
    const bool other_type = members.error().code == Code::invalid && json::check(text);
    return error(Code::invalid, other_type ? "it is JSON, but not { } with options in it" : members.error().text);
}

/// What a module returns that is no success, where nothing better was said.
Failure status_failure(std::int32_t status, const ango_job &job) {
    if (!job.failure.user_text.empty()) return job.failure;
    if (status == ANGO_PENDING)
        return {"The plugin failed.", "the module answered ANGO_PENDING, which is reserved", -1};
    Failure failure = job.failure;
    failure.operator_text = fmt::format("the module returned status {}{}{}", status,
                                        failure.operator_text.empty() ? "" : ": ", failure.operator_text);
    return failure;
}

JobFinished run_input(Job &job, const LoadedModule &module, ango_instance *instance) {
    ango_job handle{job, {}, {}, {}, nullptr};
    const std::int32_t status = module.input_table->answer(instance, &handle);
    job.cancel.on_cancel(nullptr);
    if (status != ANGO_OK) return failed(job, status_failure(status, handle));
    return succeeded(job, handle.value.value_or("\"\""));
}

JobFinished run_export_kind(Job &job, const LoadedModule &module, ango_instance *instance) {
    ango_job handle{job, {}, {}, {}, nullptr};
    const auto convert = [&](AssetReader &assets, ZipSpool &zip, ScratchFiles &scratch) {
        ango_reader reader{assets};
        ango_writer writer{zip};
        handle.scratch = &scratch;
        const std::int32_t status = module.export_table->convert(instance, &handle, &reader, &writer);
        handle.scratch = nullptr;
        job.cancel.on_cancel(nullptr);
        if (status != ANGO_OK && handle.failure.user_text.empty()) handle.failure = status_failure(status, handle);
        return status;
    };
    auto result = run_export(job, convert, handle.failure, handle.names);
    if (auto *failure = std::get_if<Failure>(&result)) return failed(job, std::move(*failure));
    return succeeded(job, json::quote(std::get<std::string>(result)));
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
    if (instance.kind == PluginKind::input) return run_input(job, module, instance.instance);

    if (job.project().empty())
        return failed(job,
                      {"The event from Hub names no project in \"projectId\", so there is nothing to export.", {}, -1});
    if (const auto made = files::make_private_folder(job.scratch); !made)
        return failed(job, {"The server has no room for this run's temporary files.", made.error().text, 60'000});
    auto result = run_export_kind(job, module, instance.instance);
    files::remove_all(job.scratch);
    return result;
}

} // namespace angod::host
