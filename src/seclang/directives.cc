#include "directives.h"

#include <algorithm>
#include <array>

namespace spoa::seclang {

namespace {

constexpr auto kFoundBySpace =
    std::to_array<std::string_view>({"SecArgumentSeparator",
                                     "SecArgumentsLimit",
                                     "SecAuditLog",
                                     "SecAuditLog2",
                                     "SecAuditLogDirMode",
                                     "SecAuditLogFileMode",
                                     "SecAuditLogParts",
                                     "SecAuditLogRelevantStatus",
                                     "SecAuditLogStorageDir",
                                     "SecChrootDir",
                                     "SecCollectionTimeout",
                                     "SecComponentSignature",
                                     "SecCookieFormat",
                                     "SecCookieV0Separator",
                                     "SecDataDir",
                                     "SecDebugLog",
                                     "SecDebugLogLevel",
                                     "SecGeoLookupDb",
                                     "SecGsbLookupDb",
                                     "SecHttpBlKey",
                                     "SecMarker",
                                     "SecPcreMatchLimit",
                                     "SecPcreMatchLimitRecursion",
                                     "SecRequestBodyInMemoryLimit",
                                     "SecRequestBodyJsonDepthLimit",
                                     "SecRequestBodyLimit",
                                     "SecRequestBodyNoFilesLimit",
                                     "SecResponseBodyLimit",
                                     "SecResponseBodyMimeType",
                                     "SecRulePerfTime",
                                     "SecRuleRemoveById",
                                     "SecRuleRemoveByMsg",
                                     "SecRuleRemoveByTag",
                                     "SecRuleScript",
                                     "SecRuleUpdateActionById",
                                     "SecRuleUpdateTargetById",
                                     "SecRuleUpdateTargetByMsg",
                                     "SecRuleUpdateTargetByTag",
                                     "SecServerSignature",
                                     "SecTmpDir",
                                     "SecUnicodeMapFile",
                                     "SecUploadDir",
                                     "SecUploadFileLimit",
                                     "SecUploadFileMode",
                                     "SecWebAppId"});

}  // namespace

bool is_found_by_space(const Directive& directive) {
  return std::any_of(kFoundBySpace.begin(), kFoundBySpace.end(),
                     [&](auto name) { return directive.is(name); });
}

}  // namespace spoa::seclang
