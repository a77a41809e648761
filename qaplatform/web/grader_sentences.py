"""What people read when the services behind the pages of the language models say no, by the code of the error."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, lazy

GRADER_SENTENCES: Mapping[str, LazyText] = {
    "grader.no_endpoint": lazy("还没有可用的语言模型，请先添加模型接口并选用。"),
    "grader.key_missing": lazy("密钥所在的环境变量没有设置：请在服务器上设置后重启，或直接填写密钥。"),
    "grader.cap": lazy("上限应为大于 0 的数；留空表示不限。"),
    "grader.manner": lazy("同时进行 1 到 16 通会话，一次问 1 到 10 个问题。"),
    "grader.bar": lazy("信任线的数字超出范围，请检查。"),
    "grader.timezone": lazy("没有这个时区，请按 Asia/Shanghai 的写法填写。"),
    "grader.period": lazy("结束日期不能早于开始日期，一次最多看 366 天。"),
    "endpoints.unknown": lazy("没有这个模型接口，请刷新页面。"),
    "endpoints.retired": lazy("这个模型接口已停用。"),
    "endpoints.name_form": lazy("名称为一行 1 到 200 个字符。"),
    "endpoints.name_taken": lazy("已有同名的模型接口（可能已停用），请换一个名称。"),
    "endpoints.base_url": lazy(
        "地址应以 https:// 或 http:// 开头，不含账号、问号和空格，如 https://api.deepseek.com。"
    ),
    "endpoints.model": lazy("模型名称为一行 1 到 200 个字符，照服务商的写法填写。"),
    "endpoints.api_key": lazy("密钥中有不该出现的字符，请重新复制。"),
    "endpoints.key_variable": lazy("环境变量名应以 _API_KEY 结尾，或以 QAPLATFORM_LLM_ 开头，如 $DEEPSEEK_API_KEY。"),
    "endpoints.key_again": lazy("地址换了服务器，请重新填写密钥，以免原来的密钥发到别处。"),
    "endpoints.input_price": lazy("价格应为 0 到 1,000,000 之间的数。"),
    "endpoints.output_price": lazy("价格应为 0 到 1,000,000 之间的数。"),
    "endpoints.price_half": lazy("请同时填写两个价格，或都留空。"),
    "endpoints.currency": lazy("币种只有人民币和美元。"),
    "endpoints.context_tokens": lazy("上下文长度应在 1,024 到 10,000,000 之间。"),
    "endpoints.temperature": lazy("温度应在 0 到 2 之间；留空表示不发送。"),
    "endpoints.deadline_seconds": lazy("时限应大于 0 秒，不超过 900 秒。"),
    "endpoints.extra": lazy(
        "附加参数应为 JSON 对象，不超过 4000 个字符，并且不含平台自己填写的项（如 model、messages、temperature）。"
    ),
}
