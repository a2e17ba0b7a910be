/** Texts that would run something, load something, or show another text, on a page that takes them for more than text. Each sets `window.__x` where it can. */
const x = 'window.__x=1'
export const corpus: readonly string[] = [
  `<script>${x}</script>`, `"><script>${x}</script>`, `'><script>${x}</script>`, `</title><script>${x}</script>`, `</textarea><script>${x}</script>`,
  `</script><script>${x}</script>`, `<ScRiPt>${x}</sCrIpT>`, `<script src=data:,${x}></script>`, `<img src=x onerror=${x}>`, `<img src=x onerror="${x}">`,
  `"><img src=x onerror=${x}>`, `<img/src=x/onerror=${x}>`, `<svg onload=${x}>`, `<svg><script>${x}</script></svg>`, `<svg><animate onbegin=${x} attributeName=x dur=1s>`,
  `<body onload=${x}>`, `<iframe src="javascript:${x}"></iframe>`, `<iframe srcdoc="<script>parent.${x}</script>">`, `<object data="javascript:${x}">`, `<embed src="javascript:${x}">`,
  `<a href="javascript:${x}">a</a>`, `<a href="jav&#x09;ascript:${x}">b</a>`, `<form action="javascript:${x}"><button>c</button></form>`, `<input autofocus onfocus=${x}>`, `<details open ontoggle=${x}>`,
  `<video src=x onerror=${x}>`, `<audio src=x onerror=${x}>`, `<marquee onstart=${x}>`, `<style>*{background:url(/x)}</style>`, `<link rel=stylesheet href=/x>`,
  `<meta http-equiv=refresh content="0;url=javascript:${x}">`, `<base href=//example.org/>`, `<math><mi xlink:href="javascript:${x}">d</mi></math>`, `<template><script>${x}</script></template>`, `<noscript><img src=x onerror=${x}></noscript>`,
  `<!--><script>${x}</script>-->`, `<![CDATA[<script>${x}</script>]]>`, `&lt;script&gt;${x}&lt;/script&gt;`, `&#60;script&#62;${x}&#60;/script&#62;`, `%3Cscript%3E${x}%3C%2Fscript%3E`,
  `javascript:${x}`, `JaVaScRiPt:${x}`, `javascript://%0a${x}`, `data:text/html,<script>${x}</script>`, `vbscript:${x}`,
  `';${x};//`, `";${x};//`, `\`;${x};//`, `\${${x}}`, `{{constructor.constructor('${x}')()}}`,
  `__proto__`, `constructor`, `toString`, `onclick=${x}`, `" onmouseover="${x}`,
  `' onmouseover='${x}`, `\u202egnp.exe`, `\u2066a\u2069`, `url(javascript:${x})`, `expression(${x})`,
]
