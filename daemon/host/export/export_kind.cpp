#include "host/export/export_kind.hpp"

#include "host/export/export_job.hpp"
#include "host/module/call_module.hpp"
#include "host/module/handles.hpp"
#include "host/module/module_failure.hpp"

#include "base/json.hpp"

#include <utility>
#include <variant>

namespace angod::host {

RunResult run_export_kind(Job &job, const ango_export_v1 &table, ango_instance *instance) {
    ango_job handle(job);
    const auto convert = [&](AssetReader &assets, ZipSpool &zip, ScratchFiles &scratch) {
        ango_reader reader{assets};
        ango_writer writer{zip};
        handle.scratch = &scratch;
        const std::int32_t status =
            call_module(handle, "convert", [&] { return table.convert(instance, &handle, &reader, &writer); });
        handle.scratch = nullptr;
        job.cancel.on_cancel(nullptr);
        if (status != ANGO_OK && handle.failure.user_text.empty()) handle.failure = module_failure(status, handle);
        return status;
    };
    auto result = run_export(job, convert, handle.failure, handle.names);
    if (auto *failure = std::get_if<Failure>(&result)) return std::move(*failure);
    return Outcome{json::quote(std::get<std::string>(result))};
}

} // namespace angod::host
