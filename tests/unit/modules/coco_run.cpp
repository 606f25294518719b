#include "coco_run.hpp"

bool CocoRun::balanced() const {
    const ango::common::Json *tools = report.at("tools");
    if (!tools) return false;
    for (auto tool = tools->MemberBegin(); tool != tools->MemberEnd(); ++tool) {
        double out = 0;
        for (const char *bucket : {"emitted", "merged", "ended"})
            out += ango::common::find(&tool->value, bucket)->GetDouble();
        const ango::common::Json &dropped = *ango::common::find(&tool->value, "dropped");
        for (auto reason = dropped.MemberBegin(); reason != dropped.MemberEnd(); ++reason)
            out += reason->value.GetDouble();
        if (out != ango::common::find(&tool->value, "in")->GetDouble()) return false;
    }
    return true;
}

std::string record_with(const std::string &tools, const std::string &more_of_task) {
    return R"({"asset":"https://files.example.test/a.jpg?sig=secret","externalId":"a.jpg","metadata":{"width":100,"height":80},)"
           R"("task":{"taskId":"t-1","tools":[)" +
           tools + "]" + (more_of_task.empty() ? "" : "," + more_of_task) + "}}";
}

std::string tool(const std::string &shape, const std::string &value, const std::string &more) {
    return "{\"" + shape + "\":" + value + R"(,"objectId":"o1","schemaId":"s-tree","title":"Tree")" +
           (more.empty() ? "" : "," + more) + "}";
}

CocoRun convert(std::initializer_list<std::string> records, const std::string &config) {
    fake_host::Run run;
    run.records = records;
    run.config = config;
    return CocoRun(run);
}

CocoRun convert_tools(const std::string &tools, const std::string &config) {
    return convert({record_with(tools)}, config);
}
